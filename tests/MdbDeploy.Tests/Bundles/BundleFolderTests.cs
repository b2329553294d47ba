using System.Text;
using MdbDeploy.Bundles;
using MdbDeploy.Tests.Rendering;

namespace MdbDeploy.Tests.Bundles;

public sealed class BundleFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("mdb-out-").FullName;

    [Fact]
    public void A_bundle_reads_back_as_it_was_written()
    {
        var bundle = Some();
        BundleFolder.Write(bundle, folder).Diagnostics.ShouldBeEmpty();
        var manifest = File.ReadAllText(Path.Combine(folder, "bundle", "bundle.json"));
        var read = BundleFolder.Read(folder).Value.ShouldNotBeNull();
        read.Files.Select(f => (f.Path, f.Channel, f.IsSensitive)).ShouldBe(bundle.Files.Select(f => (f.Path, f.Channel, f.IsSensitive)));
        read.ResourcesOf("graph").Select(r => (r.Address, r.Ring, r.Body.ToJsonString())).ShouldBe(bundle.ResourcesOf("graph").Select(r => (r.Address, r.Ring, r.Body.ToJsonString())));
        BundleFolder.Write(read, folder).Diagnostics.ShouldBeEmpty();
        File.ReadAllText(Path.Combine(folder, "bundle", "bundle.json")).ShouldBe(manifest);
    }

    [Fact]
    public void A_file_edited_by_hand_is_refused_by_name()
    {
        BundleFolder.Write(Some(), folder);
        File.AppendAllText(Path.Combine(folder, "bundle", "note.txt"), "more");
        var problem = BundleFolder.Read(folder).Diagnostics.ShouldHaveSingleItem();
        problem.Code.ShouldBe("MDB0603");
        problem.Message.ShouldContain("note.txt");
    }

    [Fact]
    public void A_file_added_or_deleted_is_refused()
    {
        BundleFolder.Write(Some(), folder);
        File.WriteAllText(Path.Combine(folder, "bundle", "extra.json"), "{}");
        File.Delete(Path.Combine(folder, "bundle", "note.txt"));
        BundleFolder.Read(folder).Diagnostics.Select(d => d.Code).ShouldBe(["MDB0603", "MDB0603"]);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{ "format": 99 }""")]
    [InlineData("""{ "format": 1, "artifacts": [ { "path": "../../etc/passwd", "sha256": "", "channel": "x", "sensitive": false } ] }""")]
    public void A_broken_manifest_is_a_diagnostic(string manifest)
    {
        BundleFolder.Write(Some(), folder);
        File.WriteAllText(Path.Combine(folder, "bundle", "bundle.json"), manifest);
        BundleFolder.Read(folder).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0602");
    }

    [Fact]
    public void Writing_again_replaces_the_bundle_whole()
    {
        BundleFolder.Write(Some(), folder);
        BundleFolder.Write(Some() with { Files = [.. Some().Files.Where(f => f.Path != "note.txt")] }, folder);
        File.Exists(Path.Combine(folder, "bundle", "note.txt")).ShouldBeFalse();
        BundleFolder.Read(folder).Value.ShouldNotBeNull();
    }

    [Fact]
    public void A_cancelled_writing_leaves_the_previous_bundle()
    {
        BundleFolder.Write(Some(), folder);
        var before = File.ReadAllText(Path.Combine(folder, "bundle", "bundle.json"));
        Should.Throw<OperationCanceledException>(() => BundleFolder.Write(Some() with { Organization = "Other" }, folder, new CancellationToken(canceled: true)));
        File.ReadAllText(Path.Combine(folder, "bundle", "bundle.json")).ShouldBe(before);
        Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order().ShouldBe([".gitignore", "bundle"]);
    }

    [Fact]
    public void A_kill_between_the_two_moves_loses_nothing()
    {
        BundleFolder.Write(Some(), folder);
        Directory.Move(Path.Combine(folder, "bundle"), Path.Combine(folder, ".bundle.old"));
        BundleFolder.Read(folder).Value.ShouldNotBeNull();
    }

    [Fact]
    public void The_out_folder_ignores_itself_and_refuses_a_gitignore_that_lets_files_through()
    {
        BundleFolder.Write(Some(), folder);
        File.ReadAllText(Path.Combine(folder, ".gitignore")).ShouldContain("*");
        File.WriteAllText(Path.Combine(folder, ".gitignore"), "*.log\n");
        BundleFolder.Write(Some(), folder).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe("MDB0604");
    }

    [Fact]
    public void Sensitive_files_are_for_the_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes exist on Unix only");
        BundleFolder.Write(Some(), folder);
        foreach (var file in Some().Files.Where(f => f.IsSensitive))
        {
#pragma warning disable CA1416 // skipped on Windows above
            File.GetUnixFileMode(Path.Combine(folder, "bundle", file.Path)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
        }
    }

    [Fact]
    public void The_manifest_holds_no_secret()
    {
        BundleFolder.Write(Some(), folder);
        var text = File.ReadAllText(Path.Combine(folder, "bundle", "bundle.json"));
        text.ShouldNotContain("FAKESIGNATURE");
        Some().Files.Any(f => f.IsSensitive && Encoding.UTF8.GetString(f.Content.Span).Contains("FAKESIGNATURE", StringComparison.Ordinal)).ShouldBeTrue();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Bundle Some()
    {
        using var channel = new Rendered("""
            title: Test
            method: intune
            target: graph
            package: onboarding-file
            kinds:
              - { name: group, title: Group, handler: object, phase: 10, collection: groups, markerProperty: description, sets: { /a: b }, writeOnly: [/x] }
            outputs:
              - { path: note.txt, template: note.txt.sbn }
              - { path: "group.{{ ring.slug }}.json", template: group.json.sbn, each: ring, resource: true }
              - { path: package, copy: "*" }
            """,
            ("note.txt.sbn", "{{ project.organization }}"),
            ("group.json.sbn", """{ "address": "test/group/{{ ring.slug }}", "kind": "group", "method": "POST", "path": "groups", "body": { "displayName": "x", "secret": "{{ package.blob }}" } }"""));
        return channel.Bundle();
    }
}
