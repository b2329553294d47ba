using MdbDeploy.Diagnostics;
using MdbDeploy.Projects;

namespace MdbDeploy.Tests.Projects;

public sealed class InventoryFilesTests : IDisposable
{
    private readonly Scratch folder = new();

    [Fact]
    public void Files_come_in_the_order_of_the_entries_and_matches_in_ordinal_order()
    {
        Touch("z.csv", "exports/b.csv", "exports/A.csv", "exports/a2.CSV", "exports/note.txt", "exports/deep/c.csv");
        Expand("z.csv", "exports/*.csv").ShouldBe(["z.csv", "exports/A.csv", "exports/a2.CSV", "exports/b.csv"]);
    }

    [Fact]
    public void Two_stars_go_into_every_folder()
    {
        Touch("top.csv", "x/1.csv", "x/y/2.csv", "x/y/2.txt");
        Expand("**/*.csv").ShouldBe(["top.csv", "x/1.csv", "x/y/2.csv"]);
        Expand("x/**/?.csv").ShouldBe(["x/1.csv", "x/y/2.csv"]);
    }

    [Fact]
    public void A_file_that_two_entries_name_comes_once_where_it_is_named_first()
    {
        Touch("exports/a.csv", "exports/b.csv");
        Expand("exports/b.csv", "./exports//*.csv", @"exports\a.csv").ShouldBe(["exports/b.csv", "exports/a.csv"]);
    }

    [Fact]
    public void An_absolute_pattern_and_one_that_climbs_are_followed()
    {
        Touch("a.csv", "project/b.csv");
        Expand(folder.Path.Replace('\\', '/') + "/*.csv").ShouldBe([folder.Path.Replace('\\', '/') + "/a.csv"]);
        var project = Project("../*.csv") with { Folder = Path.Combine(folder.Path, "project") };
        InventoryFiles.Expand(project).Value.ShouldBe(["../a.csv"]);
    }

    [Fact]
    public void A_missing_file_a_folder_and_a_pattern_without_match_are_told_with_their_places()
    {
        Touch("a.csv", "exports/b.csv");
        var outcome = InventoryFiles.Expand(Project("a.csv", "gone.csv", "exports", "none/*.csv"));
        outcome.Diagnostics.Select(d => d.ToString()).ShouldBe([
            "mdbdeploy.yaml(2,20): error MDB0108: There is no file 'gone.csv'.",
            "mdbdeploy.yaml(2,30): error MDB0108: 'exports' is a folder: write 'exports/*.csv' for the files in it.",
            "mdbdeploy.yaml(2,40): warning MDB0109: No file matches 'none/*.csv'.",
        ]);
        outcome.Value.ShouldBeNull();
    }

    [Fact]
    public void Patterns_alone_that_match_nothing_leave_no_devices_which_is_an_error()
    {
        InventoryFiles.Expand(Project("*.csv")).Diagnostics.Select(d => d.Code).ShouldBe(["MDB0109", "MDB0108"]);
        Touch("a.csv");
        var outcome = InventoryFiles.Expand(Project("*.csv", "more/*.csv"));
        outcome.Value.ShouldBe(["a.csv"]);
        outcome.Diagnostics.ShouldHaveSingleItem().Severity.ShouldBe(Severity.Warning);
    }

    [Fact]
    public void A_link_to_a_folder_above_does_not_go_on_for_ever()
    {
        Touch("x/1.csv");
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "x", "up"), folder.Path);
        Expand("**/*.csv").ShouldBe(["x/1.csv"]);
    }

    public void Dispose() => folder.Dispose();

    private void Touch(params string[] files)
    {
        foreach (var file in files)
        {
            folder.Write(file, "name\n");
        }
    }

    private IReadOnlyList<string> Expand(params string[] entries)
    {
        var outcome = InventoryFiles.Expand(Project(entries));
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Value!;
    }

    private DeploymentProject Project(params string[] entries) => new()
    {
        Folder = folder.Path,
        Organization = "Contoso",
        Id = "contoso",
        Inventory = [.. entries],
        InventoryAt = [.. entries.Select((_, i) => new Location("mdbdeploy.yaml", 2, 10 + (10 * i)))],
        Rings = [new RingSettings { Name = "broad" }],
    };
}
