using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd;

/// <summary>Runs the built command as a user would, in a process of its own.</summary>
internal sealed record CliProcess(int ExitCode, string Output, string Error)
{
    /// <summary>Runs <c>mdbdeploy</c> in a folder and waits for its end.</summary>
    public static async Task<CliProcess> RunAsync(string folder, IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        using var process = Start(folder, environment, args);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CliProcess(process.ExitCode, await output, await error);
    }

    /// <summary>Runs <c>mdbdeploy</c> in a folder.</summary>
    public static Task<CliProcess> RunAsync(string folder, params string[] args) => RunAsync(folder, null, args);

    /// <summary>Starts <c>mdbdeploy</c> without waiting.</summary>
    public static Process Start(string folder, IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        var start = new ProcessStartInfo(BuiltCommand.Program, [.. BuiltCommand.Arguments, .. args])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("mdbdeploy did not start");
    }

    /// <summary>The same, when it is a list of objects.</summary>
    public List<JsonObject> JsonArray() => [.. Json().AsArray().Select(item => item!.AsObject())];

    /// <summary>Standard output as the one JSON document that <c>--json</c> promises.</summary>
    public JsonNode Json() => JsonNode.Parse(Output) ?? throw new InvalidOperationException("no JSON");
}
