using MdbDeploy.EndToEnd;
using MdbDeploy.EndToEnd.Commands;

[assembly: AssemblyFixture(typeof(Sample))]

namespace MdbDeploy.EndToEnd;

/// <summary>
/// What the same commands give every time, made once by the built command and copied for each test that starts from it: the scaffolded project, the same rendered, the same after
/// the whole job, and what an undisturbed push of it leaves in a lab.
/// </summary>
public sealed class Sample : IDisposable
{
    private static readonly string Parent = Directory.CreateTempSubdirectory("mdb-sample-").FullName;
    private static readonly Lazy<Task<string>> Scaffolded = new(() => RunAsync(Parent, "scaffolded", "new", "scaffolded"));
    private static readonly Lazy<Task<string>> Rendered = new(() => AfterAsync("rendered", "render"));
    private static readonly Lazy<Task<string>> Reported = new(() => AfterAsync("reported", "up", "--lab"));
    private static readonly Lazy<Task<string>> Pushed = new(PushAsync);

    /// <summary>What an undisturbed push leaves in a lab, see <see cref="LabbedProject.Told"/>.</summary>
    internal static Task<string> PushedAsync() => Pushed.Value;

    /// <summary>Copies the scaffolded project to a folder that is not there yet.</summary>
    internal static async Task CopyAsync(string to) => Copy(await Scaffolded.Value, to);

    /// <summary>The same after <c>render</c>.</summary>
    internal static async Task CopyRenderedAsync(string to) => Copy(await Rendered.Value, to);

    /// <summary>The same after <c>up --lab</c>.</summary>
    internal static async Task CopyReportedAsync(string to) => Copy(await Reported.Value, to);

    public void Dispose() => Directory.Delete(Parent, recursive: true);

    private static async Task<string> AfterAsync(string name, params string[] args)
    {
        var folder = Path.Combine(Parent, name);
        await CopyAsync(folder);
        return await RunAsync(folder, ".", args);
    }

    private static async Task<string> RunAsync(string folder, string made, params string[] args)
    {
        var run = await CliProcess.RunAsync(folder, args);
        run.ExitCode.ShouldBe(0, run.Output + run.Error);
        return Path.GetFullPath(made, folder);
    }

    private static async Task<string> PushAsync()
    {
        await using var clean = await LabbedProject.StartAsync();
        var pushed = await clean.RunAsync("push", "--yes");
        pushed.ExitCode.ShouldBe(0, pushed.Output + pushed.Error);
        return clean.Told();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
