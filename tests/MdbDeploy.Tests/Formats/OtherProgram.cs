using System.ComponentModel;
using System.Diagnostics;

namespace MdbDeploy.Tests.Formats;

/// <summary>Runs an independent implementation that may or may not be installed.</summary>
internal static class OtherProgram
{
    /// <summary>Exit code and everything printed; null when the program is not there.</summary>
    public static async Task<(int ExitCode, string Output)?> Run(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
