using System.Collections.Immutable;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>The words that conditions, requirements and plan files use for the values of a device.</summary>
internal static class DeviceWords
{
    public static ImmutableArray<string> OsFamilies { get; } = All<OsFamily>(Of);

    public static ImmutableArray<string> Editions { get; } = All<WindowsEdition>(Of);

    public static ImmutableArray<string> Roles { get; } = All<DeviceRole>(Of);

    public static ImmutableArray<string> Joins { get; } = All<JoinType>(Of);

    public static ImmutableArray<string> VdiKinds { get; } = All<VdiKind>(Of);

    public static ImmutableArray<string> States { get; } = All<DeviceState>(Of);

    public static ImmutableArray<string> Managers { get; } = ["intune", "configuration-manager", "defender", "other-mdm"];

    public static string Of(OsFamily os) => os switch
    {
        OsFamily.WindowsClient => "windows-client",
        OsFamily.WindowsServer => "windows-server",
        _ => os.ToString().ToLowerInvariant(),
    };

    public static string Of(WindowsEdition edition) => edition switch
    {
        WindowsEdition.EnterpriseLtsc => "enterprise-ltsc",
        WindowsEdition.EnterpriseMultiSession => "enterprise-multi-session",
        WindowsEdition.IotEnterprise => "iot-enterprise",
        _ => edition.ToString().ToLowerInvariant(),
    };

    public static string Of(DeviceRole role) => role == DeviceRole.DomainController ? "domain-controller" : role.ToString().ToLowerInvariant();

    public static string Of(JoinType join) => join.ToString().ToLowerInvariant();

    public static string Of(VdiKind vdi) => vdi switch
    {
        VdiKind.NonPersistentSingle => "non-persistent-single",
        VdiKind.NonPersistentMultiple => "non-persistent-multiple",
        _ => vdi.ToString().ToLowerInvariant(),
    };

    public static string Of(DeviceState state) => state.ToString().ToLowerInvariant();

    public static string Of(Eligibility eligibility) => eligibility.ToString().ToLowerInvariant();

    /// <summary>The managers of a device, in the order of the flags.</summary>
    public static ImmutableArray<string> Of(Management managedBy) => managedBy == Management.None
        ? []
        : [.. Managers.Where((_, flag) => managedBy.HasFlag((Management)(1 << flag)))];

    private static ImmutableArray<string> All<T>(Func<T, string> word)
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(word)];
}
