using MdbDeploy.Cli;

// Device names come in every script; Windows' console would show question marks otherwise.
if (Console.IsOutputRedirected || OperatingSystem.IsWindows())
{
    Console.OutputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
}

return await new CommandLine(Console.Out, Console.Error, TimeProvider.System, !Console.IsOutputRedirected).RunAsync(args);
