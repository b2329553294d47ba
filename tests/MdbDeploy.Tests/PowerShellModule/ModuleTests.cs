using System.Management.Automation;
using System.Xml.Linq;
using MdbDeploy.Cmdlets;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Tests.PowerShellModule;

/// <summary>The cmdlets in PowerShell's own engine: objects, errors, warnings, and questions.</summary>
[Collection(nameof(Rendering.FakeWindows))]
public sealed class ModuleTests : IDisposable
{
    private readonly ModuleSession session = new();

    private bool HasBundle => Directory.Exists(Path.Combine(session.Folder, "out", "bundle"));

    [Fact]
    public void The_manifest_exports_what_there_is()
    {
        var manifest = File.ReadAllText(Path.Combine(Repository.Root, "src", "MdbDeploy.PowerShell", "MdbDeploy.psd1"));
        ModuleSession.Cmdlets.Count.ShouldBe(4);
        ModuleSession.Cmdlets.Keys.ShouldAllBe(name => manifest.Contains($"'{name}'", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_cmdlet_says_what_it_gives() =>
        ModuleSession.Cmdlets.Values.ShouldAllBe(type => type.GetCustomAttributes(typeof(OutputTypeAttribute), false).Cast<OutputTypeAttribute>().Single().Type.Length > 0);

    [Fact]
    public void The_help_says_what_the_comments_say_and_has_examples()
    {
        var file = Path.Combine(Repository.Root, "src", "MdbDeploy.PowerShell", "en-US", "MdbDeploy.PowerShell.dll-Help.xml");
        var help = CmdletHelp.Write();
        if (Repository.Accept)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, help);
        }

        File.ReadAllText(file).ReplaceLineEndings("\n").ShouldBe(help, $"The help differs from the comments. To write it: {Repository.AcceptCommand}");
        XDocument.Parse(help).Descendants().Where(e => e.Name.LocalName == "examples").ShouldAllBe(e => e.HasElements);
    }

    [Fact]
    public void Tables_show_properties_that_the_objects_have()
    {
        var views = XDocument.Load(Path.Combine(Repository.Root, "src", "MdbDeploy.PowerShell", "MdbDeploy.format.ps1xml")).Descendants("View").ToList();
        foreach (var view in views)
        {
            var type = typeof(MdbCmdlet).Assembly.GetType(view.Descendants("TypeName").Single().Value).ShouldNotBeNull();
            var shown = view.Descendants("PropertyName").Select(p => p.Value).ToList();
            shown.Where(name => type.GetProperty(name) is null).ShouldBeEmpty();
            shown.Count.ShouldBe(view.Descendants("TableColumnHeader").Count());
        }

        ModuleSession.Cmdlets.Values.SelectMany(type => type.GetCustomAttributes(typeof(OutputTypeAttribute), false).Cast<OutputTypeAttribute>().Single().Type)
            .Select(given => given.Name).ShouldBe(views.Select(view => view.Descendants("TypeName").Single().Value), ignoreOrder: true);
    }

    [Fact]
    public void A_plan_is_objects_that_a_pipeline_filters()
    {
        var device = session.Run("Get-MdbPlan $folder | Where-Object Method -eq 'intune'").Of<MdbPlannedDevice>().ShouldHaveSingleItem();
        (device.Name, device.Ring).ShouldBe(("PC-1", "all"));
        device.Reasons.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_rendered_bundle_is_its_files()
    {
        var files = session.Run("Invoke-MdbRender $folder").Of<MdbRenderedFile>();
        files.ShouldContain(f => f.Address == "intune/group/all" && f.Channel == "intune");
        files.Where(f => !File.Exists(f.FullName)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Get-MdbPlan $folder")]
    [InlineData("Invoke-MdbRender $folder")]
    [InlineData("Get-MdbStatus $folder")]
    public void Every_error_of_the_input_is_one_record_with_its_code_and_its_diagnostic(string command)
    {
        session.Write("mdbdeploy.yaml", $"organization: Contoso\nid: contoso\ninventory: [{string.Join(", ", Enumerable.Range(1, 12).Select(n => $"gone-{n}-{new string('x', 150)}.csv"))}]\nrings: [{{ name: all }}]\n");
        var ran = session.Run(command);
        ran.Output.ShouldBeEmpty();
        ran.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]).ShouldBe(Enumerable.Repeat("MDB0108", 12));
        ran.Errors.Select(e => e.TargetObject.ShouldBeOfType<Diagnostic>().Message).Distinct().Count().ShouldBe(12);
        ran.Errors.ShouldAllBe(e => e.ToString().Contains("mdbdeploy.yaml", StringComparison.Ordinal) && e.ToString().EndsWith(((Diagnostic)e.TargetObject).Advice, StringComparison.Ordinal));
    }

    [Fact]
    public void A_script_catches_an_error_and_finds_all_of_them()
    {
        session.Write("mdbdeploy.yaml", "organization: Contoso\nid: contoso\ninventory: [gone.csv, lost.csv]\nrings: [{ name: all }]\n");
        session.Run("$Error.Clear(); try { Invoke-MdbRender $folder } catch { 'caught' }; $Error.TargetObject.Message")
            .Output.Select(o => o.ToString()).ShouldBe(["caught", "There is no file 'lost.csv'.", "There is no file 'gone.csv'."]);
        HasBundle.ShouldBeFalse();
    }

    [Fact]
    public void Warnings_are_warnings_all_of_them()
    {
        session.Write("pc.csv", "name,os,os_edition,os_build,join_type,managed_by\n" + string.Concat(Enumerable.Range(1, 9).Select(n => $"PC-{n},Windows 11,Pro,10.0.22631.4460,entra,intune\n")) + string.Concat(Enumerable.Range(1, 9).Select(n => $"BAD-{n},Windows 11,Pro,no build,entra,intune\n")));
        var ran = session.Run("Get-MdbPlan $folder");
        var told = ran.Warnings.Where(w => w.Contains("no build", StringComparison.Ordinal)).ToList();
        told.Count.ShouldBe(9);
        told.ShouldAllBe(w => w.StartsWith("pc.csv(", StringComparison.Ordinal) && w.Contains("): warning MDB0", StringComparison.Ordinal));
        ran.Errors.ShouldBeEmpty();
        session.Run("Get-MdbPlan $folder -WarningAction SilentlyContinue -WarningVariable told | Out-Null; @($told).Count").Of<int>().Single().ShouldBe(ran.Warnings.Count);
    }

    [Fact]
    public void A_warning_that_shall_stop_ends_the_rendering()
    {
        session.Write("pc.csv", "name,os,os_edition,os_build,join_type,managed_by\nBAD-1,Windows 11,Pro,no build,entra,intune\n");
        session.Run("Get-MdbPlan $folder -WarningAction Stop").Errors.ShouldHaveSingleItem().FullyQualifiedErrorId.ShouldStartWith("ActionPreferenceStop");
    }

    [Fact]
    public void What_if_renders_nothing_and_no_renders_nothing()
    {
        session.Run("Invoke-MdbRender $folder -WhatIf").Output.ShouldBeEmpty();
        session.Person.Answer = "&No";
        session.Run("Invoke-MdbRender $folder -Confirm").Output.ShouldBeEmpty();
        session.Person.Questions.Count.ShouldBe(1);
        HasBundle.ShouldBeFalse();
    }

    [Fact]
    public void A_folder_whose_name_begins_with_an_at_sign_is_no_file_of_arguments()
    {
        session.Write("@rollout", "nothing");
        var odd = Directory.CreateDirectory(Path.Combine(session.Folder, "@rollout.d")).FullName;
        foreach (var file in new[] { "pc.csv", "mdbdeploy.yaml" })
        {
            File.Copy(Path.Combine(session.Folder, file), Path.Combine(odd, file));
        }

        session.Run("$ExecutionContext.SessionState.Path.SetLocation($folder) | Out-Null; (Get-MdbPlan '@rollout.d').Count; @(Invoke-MdbRender '@rollout.d').Count -gt 5").Of<object>().ShouldBe([2, true]);
    }

    [Fact]
    public void Status_asks_every_system_that_the_project_names_or_those_that_are_named()
    {
        session.WriteProject("targets: { activeDirectory: { domain: corp.contoso.example, link: ['OU=Workstations,DC=corp,DC=contoso,DC=example'] } }");
        // The domain is asked about the policies of the bundle, and there is none yet.
        var ran = session.Run("Get-MdbStatus $folder");
        ran.Warnings.ShouldContain(w => w.Contains(Problems.DomainNotAsked.Code, StringComparison.Ordinal));
        ran.Of<MdbDeviceStatus>().Count.ShouldBe(2);
        session.Run("Get-MdbStatus $folder -Target graph").Errors.ShouldHaveSingleItem().TargetObject.ShouldBeOfType<Diagnostic>().Code.ShouldBe(Problems.TargetNotConfigured.Code);
    }

    [Fact]
    public void A_project_is_a_folder_of_the_file_system() =>
        session.Run("Get-MdbPlan Env:/PATH").Errors.ShouldHaveSingleItem().FullyQualifiedErrorId.ShouldStartWith("NotAFolder");

    public void Dispose() => session.Dispose();
}
