using System.Reflection;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;
using MdbDeploy.Planning;

namespace MdbDeploy.Tests.Architecture;

public partial class ArchitectureTests
{
    // From the ground up: a layer may use those before it and its own, nothing after it.
    private static readonly string[][] Layers =
    [
        ["Diagnostics"],
        ["Formats", "Yaml"],
        ["Inventory", "Packages", "Policies", "Projects"],
        ["Planning"],
        ["Rendering", "Bundles"],
    ];

    [Fact]
    public void Tests_of_scripts_run_one_at_a_time_since_the_environment_is_that_of_the_process() =>
        typeof(ArchitectureTests).Assembly.GetTypes()
            .Where(type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Any(field => field.FieldType == typeof(Rendering.FakeWindows) || field.FieldType == typeof(Rendering.GoldenImage)))
            .Where(type => type != typeof(Rendering.GoldenImage) && type.GetCustomAttribute<CollectionAttribute>()?.Name != nameof(Rendering.FakeWindows))
            .ShouldBeEmpty();

    [Fact]
    public void The_engine_references_no_network_console_or_web_server()
    {
        var references = typeof(Problems).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        references.ShouldNotContain(name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || name.StartsWith("Spectre", StringComparison.Ordinal)
            || name == "System.Console" || name.StartsWith("System.Net.", StringComparison.Ordinal) || name.StartsWith("Azure", StringComparison.Ordinal));
    }

    [Fact]
    public void Inside_the_engine_dependencies_point_one_way()
    {
        var source = Path.Combine(Repository.Root, "src", "MdbDeploy");
        var offences = new List<string>();
        for (var layer = 0; layer < Layers.Length; layer++)
        {
            var above = Layers.Skip(layer + 1).SelectMany(names => names).ToList();
            foreach (var file in Layers[layer].Select(name => Path.Combine(source, name)).Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories)))
            {
                offences.AddRange(UsedNamespace.Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value).Where(above.Contains)
                    .Select(used => $"{Path.GetRelativePath(source, file)} uses {used}"));
            }
        }

        offences.ShouldBeEmpty();
    }

    [Fact]
    public void Codes_are_unique_and_every_entry_says_what_is_wrong_and_what_to_do()
    {
        Problems.All.Length.ShouldBeGreaterThan(20);
        Problems.All.Select(p => p.Code).ShouldBeUnique();
        foreach (var problem in Problems.All)
        {
            problem.Code.ShouldMatch("^MDB0[1-9][0-9]{2}$");
            problem.Title.ShouldEndWith(".");
            problem.Advice.ShouldEndWith(".");
        }
    }

    [Fact]
    public void Every_code_of_the_catalogue_is_used()
    {
        var source = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !Path.GetFileName(f).StartsWith("Problems.", StringComparison.Ordinal)).Select(File.ReadAllText));
        typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.Name)
            .Where(name => !source.Contains($"Problems.{name}", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void The_readme_lists_the_catalogue()
    {
        var table = "| code | | what is wrong | what to do |\n|---|---|---|---|\n"
            + string.Concat(Problems.All.Select(p => $"| {p.Code} | {p.Severity.ToString().ToLowerInvariant()} | {Cell(p.Title)} | {Cell(p.Advice)} |\n"));
        var file = Path.Combine(Repository.Root, "README.md");
        var readme = File.ReadAllText(file);
        var expected = DiagnosticsTable.Replace(readme, match => $"{match.Groups["open"].Value}\n{table}{match.Groups["close"].Value}");
        if (Repository.Accept)
        {
            File.WriteAllText(file, expected);
            return;
        }

        readme.ShouldBe(expected, $"The table in README.md differs from the catalogue. To write it: {Repository.AcceptCommand}");
    }

    [Fact]
    public void The_readme_names_every_field_of_conditions()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        DeviceExpression.FieldNames.Where(field => !readme.Contains($"`{field}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    [GeneratedRegex(@"MdbDeploy\.(Diagnostics|Formats|Yaml|Inventory|Packages|Policies|Projects|Planning|Rendering|Bundles)\b(?!\.csproj)")]
    private static partial Regex UsedNamespace { get; }

    [GeneratedRegex(@"(?<open><!-- diagnostics: [^>]*-->)\n.*?(?<close><!-- end of diagnostics -->)", RegexOptions.Singleline)]
    private static partial Regex DiagnosticsTable { get; }
}
