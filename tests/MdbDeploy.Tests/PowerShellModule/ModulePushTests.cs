using System.Management.Automation;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MdbDeploy.Cmdlets;
using MdbDeploy.Diagnostics;
using MdbDeploy.Lab;

namespace MdbDeploy.Tests.PowerShellModule;

/// <summary>Pushes from PowerShell into the lab: consent, sign-in, refusal, Ctrl+C.</summary>
[Collection(nameof(Rendering.FakeWindows))]
public sealed partial class ModulePushTests : IDisposable
{
    private const string Secret = ", auth: client-secret";

    private readonly ModuleSession session = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_if_gives_the_changes_and_writes_nothing_and_a_push_gives_what_was_done()
    {
        await using var lab = await StartAsync(Secret);
        var changes = session.Run("Invoke-MdbPush $folder -WhatIf").Of<MdbChange>();
        changes.ShouldContain(c => c.Address == "intune/group/all" && c.Change == "Create" && c.Target == "graph");
        lab.Requests.Writes.ShouldBeEmpty();

        var refused = session.Run("Invoke-MdbPush $folder -Confirm:$false -Expect 0123456789ab").Errors.ShouldHaveSingleItem();
        refused.TargetObject.ShouldBeOfType<Diagnostic>().Message.ShouldContain(changes[0].Fingerprint);
        lab.Requests.Writes.ShouldBeEmpty();

        var done = session.Run($"Invoke-MdbPush $folder -Expect {changes[0].Fingerprint}").Of<MdbPushResult>().ShouldHaveSingleItem();
        session.Person.Questions.ShouldHaveSingleItem();
        done.IsComplete.ShouldBeTrue();
        done.Steps.Select(s => s.Address).ShouldBe(changes.Where(c => c.Change != "Foreign").Select(c => c.Address), ignoreOrder: true);
        done.Steps.ShouldAllBe(s => s.State == "Done");
        lab.State.Groups.Select(g => g.DisplayName).ShouldContain("MDB - Contoso - all");

        session.Run("Invoke-MdbPush $folder -WhatIf").Of<MdbChange>().ShouldBeEmpty();
        session.Run("Get-MdbStatus $folder").Of<MdbDeviceStatus>().Select(s => s.Name).ShouldBe(["PC-1", "PC-2"], ignoreOrder: true);
    }

    [Fact]
    public async Task No_does_nothing_at_all()
    {
        await using var lab = await StartAsync(Secret);
        lab.Requests.Clear();
        session.Person.Answer = "&No";
        var ran = session.Run("Invoke-MdbPush $folder");
        session.Person.Questions.ShouldHaveSingleItem().ShouldContain(session.Folder);
        ran.Of<object>().ShouldBeEmpty();
        lab.Requests.Entries.ShouldBeEmpty();
        Directory.Exists(Path.Combine(session.Folder, ".mdbdeploy")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("@answers.rsp")]
    [InlineData("--ignore-gates")]
    [InlineData("all --ignore-gates")]
    public async Task A_ring_is_a_name_whatever_it_looks_like(string ring)
    {
        await using var lab = await StartAsync(Secret);
        var file = Path.Combine(session.Folder, "answers.rsp");
        await File.WriteAllTextAsync(file, "all", Cancel);
        var ran = session.Run($"$ExecutionContext.SessionState.Path.SetLocation($folder) | Out-Null; Invoke-MdbPush -Ring '{ring}' -Confirm:$false");
        ran.Errors.ShouldHaveSingleItem().TargetObject.ShouldBeOfType<Diagnostic>().Message.ShouldContain($"'{ring}'");
        lab.Requests.Writes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Invoke-MdbPush $folder -Confirm:$false -WarningAction Stop -InformationAction SilentlyContinue", true)]
    [InlineData("Get-MdbStatus $folder", false)]
    public async Task The_code_to_sign_in_with_is_shown_while_the_cmdlet_waits_for_it(string command, bool pushes)
    {
        await using var lab = await StartAsync("");
        // Nobody else ever enters the code: unless it is shown before the end, there is none.
        session.Person.Sees = text =>
        {
            if (CodePattern.Match(text) is { Success: true } code)
            {
                lab.EnterCode(code.Groups[1].Value).ShouldBeTrue();
            }
        };
        session.Run(command).Errors.ShouldBeEmpty();
        lab.State.Groups.Any(g => g.DisplayName == "MDB - Contoso - all").ShouldBe(pushes);
    }

    [Fact]
    public async Task What_a_live_system_refuses_is_an_error_beside_the_result()
    {
        await using var lab = await StartAsync(Secret, "400:POST:/beta/groups:1");
        var ran = session.Run("Invoke-MdbPush $folder -Confirm:$false");
        var error = ran.Errors.ShouldHaveSingleItem();
        error.TargetObject.ShouldBeOfType<Diagnostic>().Code.ShouldBe(error.FullyQualifiedErrorId.Split(',')[0]);
        var result = ran.Output.ShouldHaveSingleItem().ShouldBeOfType<MdbPushResult>();
        (result.IsComplete, result.Failed).ShouldBe((false, 1));
        result.Steps.ShouldContain(s => s.State == "Skipped" && s.Note != null);
    }

    [Fact]
    public async Task A_system_that_does_not_answer_is_an_error_and_does_not_hide_the_others()
    {
        await using var lab = await StartAsync(Secret, "400:GET:/api/machines");
        var ran = session.Run("Get-MdbStatus $folder");
        ran.Errors.ShouldHaveSingleItem().FullyQualifiedErrorId.ShouldStartWith("MDB0852");
        ran.Output.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_ring_that_is_held_back_is_a_warning()
    {
        await using var lab = await StartAsync(Secret, rings: "[{ name: all, notBefore: 2099-01-01 }]");
        session.Run("Invoke-MdbPush $folder -Confirm:$false").Warnings.ShouldContain(w => w.Contains("Held back", StringComparison.Ordinal) && w.Contains("all", StringComparison.Ordinal));
        lab.State.Groups.Select(g => g.DisplayName).ShouldNotContain("MDB - Contoso - all");
    }

    [Fact]
    public async Task Ctrl_C_ends_a_push_that_the_next_one_continues()
    {
        // Ctrl+C comes after the first writes. A write that began is not cut off: that of the policy takes longer than Ctrl+C to arrive.
        await using var lab = await StartAsync(Secret, "latency=4000ms:POST:/beta/deviceManagement:1");
        using var shell = session.Shell("Invoke-MdbPush $folder -Confirm:$false");
        var first = new TaskCompletionSource();
        shell.Streams.Progress.DataAdded += (_, e) =>
        {
            if (shell.Streams.Progress[e.Index].StatusDescription.Contains("intune/group/all", StringComparison.Ordinal))
            {
                first.TrySetResult();
            }
        };
        var running = shell.BeginInvoke();
        await first.Task.WaitAsync(Cancel);
        await Task.Run(shell.Stop, Cancel);
        Should.Throw<PipelineStoppedException>(() => shell.EndInvoke(running));

        var journal = Directory.EnumerateFiles(Path.Combine(session.Folder, ".mdbdeploy", "runs")).ShouldHaveSingleItem();
        var end = JsonNode.Parse((await File.ReadAllLinesAsync(journal, Cancel))[^1])!;
        end["cancelled"]!.GetValue<bool>().ShouldBeTrue();
        end["notStarted"]!.GetValue<int>().ShouldBeGreaterThan(0);

        var again = session.Run("Invoke-MdbPush $folder -Confirm:$false").Of<MdbPushResult>().ShouldHaveSingleItem();
        again.IsComplete.ShouldBeTrue();
        again.Steps.Select(s => s.Address).ShouldNotContain("intune/group/all");
        session.Run("Invoke-MdbPush $folder -WhatIf").Of<MdbChange>().ShouldBeEmpty();
    }

    [Fact]
    public async Task Ctrl_C_ends_the_waiting_for_a_person()
    {
        await using var lab = await StartAsync("");
        using var shell = session.Shell("Get-MdbStatus $folder");
        var shown = new TaskCompletionSource();
        session.Person.Sees = text =>
        {
            if (CodePattern.IsMatch(text))
            {
                shown.TrySetResult();
            }
        };
        var running = shell.BeginInvoke();
        await shown.Task.WaitAsync(Cancel);
        await Task.Run(shell.Stop, Cancel);
        Should.Throw<PipelineStoppedException>(() => shell.EndInvoke(running));
        // It asks once a second whether the code was entered, for thirty seconds unless somebody ends it.
        lab.Requests.Entries.Count(e => e.Path.EndsWith("/token", StringComparison.Ordinal)).ShouldBeLessThan(15);
    }

    public void Dispose() => session.Dispose();

    [GeneratedRegex("enter the code ([A-Z0-9]{9})")]
    private static partial Regex CodePattern { get; }

    private async Task<LabServer> StartAsync(string auth, string? faults = null, string rings = "[{ name: all }]")
    {
        var lab = await LabServer.StartAsync(
            new LabOptions
            {
                ConnectorEnabled = true,
                Faults = faults,
                // What one push made is there when the next one looks.
                Habits = new LabHabits { GroupDelay = TimeSpan.Zero, CodeLifetime = TimeSpan.FromSeconds(30) },
                Devices = [new LabDevice { Name = "PC-1", InEntra = true, InIntune = true, EntraDeviceId = Guid.Parse("11111111-1111-4111-8111-111111111111") }],
            }, Cancel);
        session.PointAt(lab, auth, rings);
        session.Run("Invoke-MdbRender $folder").Errors.ShouldBeEmpty();
        return lab;
    }
}
