using System.Management.Automation;
using System.Management.Automation.Runspaces;

// Runs the script that is its argument: output to standard output, errors and warnings to standard error, one a line.
using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
runspace.Open();
using var shell = PowerShell.Create(runspace);
shell.AddScript(args[0]);
try
{
    foreach (var line in shell.Invoke())
    {
        Console.WriteLine(line);
    }
}
catch (RuntimeException terminating)
{
    shell.Streams.Error.Add(terminating.ErrorRecord);
}

foreach (var error in shell.Streams.Error)
{
    Console.Error.WriteLine($"error {error.FullyQualifiedErrorId}: {error} {error.Exception}");
}

foreach (var warning in shell.Streams.Warning)
{
    Console.Error.WriteLine($"warning {warning}");
}

return shell.Streams.Error.Count == 0 ? 0 : 1;
