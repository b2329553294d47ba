using System.Diagnostics;

namespace MdbDeploy.Tests.Rendering;

/// <summary>
/// A Windows of its own to run command scripts in: Wine's command interpreter, registry and services, in a folder that goes with the tests. Wine's interpreter differs
/// from Windows' in small things (it expands <c>%NAME%</c> in what <c>%~dp0</c> gave), which the tests keep away from.
/// </summary>
public sealed class Wine : IAsyncLifetime
{
    private readonly string prefix = Directory.CreateTempSubdirectory("mdb-wine-").FullName;

    /// <summary>Where its powershell.exe stands.</summary>
    private string PowerShell => Path.Combine(System32, "WindowsPowerShell", "v1.0", "powershell.exe");

    private string System32 => Path.Combine(prefix, "drive_c", "windows", "system32");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (IsInstalled)
        {
            // Making the prefix takes some seconds, once.
            await RunAsync(prefix, ["cmd", "/c", "exit"], "", []);
        }
    }

    private static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "wine")));

    /// <summary>Skips the test, plainly, where Wine is missing.</summary>
    public static void Need() => Assert.SkipUnless(IsInstalled, "wine is not installed: command scripts cannot be run here.");

    /// <summary>Runs a program of Windows and returns its exit code and what it printed.</summary>
    /// <param name="folder">The folder to run it in.</param>
    /// <param name="arguments">Program and arguments.</param>
    /// <param name="input">What is typed.</param>
    /// <param name="variables">More environment variables.</param>
    public async Task<(int ExitCode, string Output)> RunAsync(string folder, IEnumerable<string> arguments, string input, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo("wine", arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // Nothing to display, and no offer to download what is missing.
        start.Environment.Remove("DISPLAY");
        start.Environment["WINEPREFIX"] = prefix;
        start.Environment["WINEDEBUG"] = "-all";
        start.Environment["WINEDLLOVERRIDES"] = "mscoree,mshtml=";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        // Wine's own services keep the pipes of whoever started them first, so that their end says nothing.
        var output = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, line) => { lock (output) { output.AppendLine(line.Data); } };
        process.ErrorDataReceived += (_, line) => { lock (output) { output.AppendLine(line.Data); } };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!process.HasExited)
        {
            await Task.Delay(20, deadline.Token);
        }

        // The last lines may still be on their way.
        for (var length = -1; length != Length();)
        {
            length = Length();
            await Task.Delay(50);
        }

        lock (output)
        {
            return (process.ExitCode, output.ToString());
        }

        int Length()
        {
            lock (output)
            {
                return output.Length;
            }
        }
    }

    /// <summary>Puts a program in the place of powershell.exe that writes its arguments into a file, one a line.</summary>
    public void PowerShellWrites(string file) => Place(PowerShell, $"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{file}'\n");

    /// <summary>
    /// Puts a program in the place of powershell.exe that does what is typed to it, for example <c>exit 40</c>: a copy of the command interpreter. (What a Unix program
    /// ends with does not get through to a command script.)
    /// </summary>
    public void PowerShellDoesWhatIsTyped()
    {
        var program = File.ReadAllBytes(Path.Combine(System32, "cmd.exe"));
        // Else Wine would load its own powershell.exe instead of this one.
        var mark = program.AsSpan().IndexOf("Wine builtin DLL"u8);
        mark.ShouldBeGreaterThan(0);
        "not of Wine     "u8.CopyTo(program.AsSpan(mark));
        File.Delete(PowerShell);
        File.WriteAllBytes(PowerShell, program);
    }

    /// <summary>Puts a program into a folder that does nothing: scripts look there first.</summary>
    public static void PlaceNothing(string path) => Place(path, "#!/bin/sh\n");

    private static void Place(string path, string script)
    {
        File.Delete(path);
        File.WriteAllText(path, script);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (IsInstalled)
        {
            await RunAsync(prefix, ["wineboot", "--kill"], "", []);
        }

        for (var attempts = 0; ; attempts++)
        {
            try
            {
                Directory.Delete(prefix, recursive: true);
                return;
            }
            catch (IOException) when (attempts < 50)
            {
                // Its services are still writing.
                await Task.Delay(100);
            }
        }
    }
}
