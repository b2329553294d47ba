using CsCheck;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class ExtensionNamesTests
{
    private const string Zero = "[{00000000-0000-0000-0000-000000000000}{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}]";
    private const string Registry = "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]";
    private const string Scripts = "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B6664F-4972-11D1-A7CA-0000F87571E3}]";
    private const string Tasks = "[{AADCED64-746C-4633-A97C-D61349046527}{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}]";

    private static readonly (string, byte[]) Policy = ("Machine/registry.pol", RegistryPol.Write([RegistryPolicyEntry.Dword("K", "V", 1)]));
    private static readonly (string, byte[]) Task = ("Machine/Preferences/ScheduledTasks/ScheduledTasks.xml", [1]);
    private static readonly (string, byte[]) Script = ("Machine/Scripts/scripts.ini", new ScriptsIni { Startup = [new("a.cmd")] }.Write());

    [Fact]
    public void Registry_policy_alone() => Of(Policy).ShouldBe(Registry);

    [Fact]
    public void Scripts_alone() => Of(Script).ShouldBe(Scripts);

    [Fact]
    public void A_task_with_registry_policy() => Of(Task, Policy).ShouldBe(Zero + Registry + Tasks);

    [Fact]
    public void All_three() => Of(Script, Task, Policy).ShouldBe(Zero + Registry + Scripts + Tasks);

    [Fact]
    public void All_kinds_of_preference_share_the_first_pair() => Of(Task, ("Machine/Preferences/Registry/Registry.xml", [1])).ShouldBe(
        "[{00000000-0000-0000-0000-000000000000}{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}{CAB54552-DEEA-4691-817E-ED4A4D1AFC72}]" + Tasks
        + "[{B087BE9D-ED37-454F-AF9C-04291E351182}{BEE07A6A-EC9F-4659-B8C9-0B1937907C83}]");

    [Fact]
    public void Files_without_settings_need_no_extension()
    {
        Of(("Machine/registry.pol", RegistryPol.Write([])), ("Machine/Scripts/psscripts.ini", new ScriptsIni().Write()), ("Machine/comment.cmtx", [1])).ShouldBe("");
        Of(("Machine/Scripts/Startup/scripts.ini", [.. new byte[20]])).ShouldBe("");
    }

    [Fact]
    public void The_user_side_has_its_own_tool()
    {
        ExtensionNames.Of(GpmcBackupTests.Files(("user/Registry.POL", Policy.Item2)), GroupPolicySide.User)
            .ShouldBe("[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{D02B1F73-3407-48AE-BA88-E8213C6761F1}]");
        ExtensionNames.Of(GpmcBackupTests.Files(("user/Registry.POL", Policy.Item2)), GroupPolicySide.Machine).ShouldBe("");
    }

    [Fact]
    public void Merging_loses_nothing_and_sorts()
    {
        ExtensionNames.Merge(Tasks + Registry, Scripts).ShouldBe(Registry + Scripts + Tasks);
        ExtensionNames.Merge(Registry.ToLowerInvariant(), Registry).ShouldBe(Registry);
        ExtensionNames.Merge("", "").ShouldBe("");
        ExtensionNames.Merge("[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{B05566AC-FE9C-4368-BE01-7A4CBB6CBA11}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]", Registry)
            .ShouldBe("[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{B05566AC-FE9C-4368-BE01-7A4CBB6CBA11}{D02B1F72-3407-48AE-BA88-E8213C6761F1}]");
    }

    [Fact]
    public void No_text_crashes_the_parser() => Gen.String[Gen.Char["[]{}-0aF "], 0, 80].Sample(text => { ExtensionNames.Merge(text, text); });

    private static string Of(params (string, byte[])[] files) => ExtensionNames.Of(GpmcBackupTests.Files(files), GroupPolicySide.Machine);
}
