using System.Collections.Immutable;

namespace MdbDeploy.Policies;

/// <summary>A setting of the catalogue <c>policies/settings.csv</c>: one definition, in the words of every channel.</summary>
public sealed record PolicySetting
{
    /// <summary>Identifier in presets, for example <c>av.rtp</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Title for people.</summary>
    public required string Title { get; init; }

    /// <summary>What it does.</summary>
    public required string Description { get; init; }

    /// <summary>The values a preset may give, in the CSP's terms.</summary>
    public required AllowedValues Allowed { get; init; }

    /// <summary>The Group Policy side; null when Group Policy has no such setting.</summary>
    public RegistrySetting? Registry { get; init; }

    /// <summary>The CSP node; null when there is none.</summary>
    public CspNode? Csp { get; init; }

    /// <summary>The definition of Intune's settings catalogue; null when there is none or it is not used.</summary>
    public CatalogDefinition? Catalog { get; init; }

    /// <summary>Where Configuration Manager's console has it; null when it has not.</summary>
    public string? ConfigurationManager { get; init; }

    /// <summary>The Windows versions that know it.</summary>
    public required SupportedBuilds Builds { get; init; }

    /// <summary>The value that tamper protection holds the setting at, whatever Group Policy says; null when it does not.</summary>
    public string? Locked { get; init; }

    /// <summary>The parts that nobody verified: <c>row</c>, <c>gpo</c>, <c>csp</c>, <c>catalog</c>, <c>configmgr</c>. They are shown and never written.</summary>
    public ImmutableSortedSet<string> Unverified { get; init; } = [];

    /// <summary>Where the row comes from.</summary>
    public required string Source { get; init; }

    /// <summary>When that was looked up.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Line in settings.csv.</summary>
    public required int Line { get; init; }
}

/// <summary>What Group Policy writes for a setting.</summary>
/// <param name="Key">Registry key below HKEY_LOCAL_MACHINE, without the hive.</param>
/// <param name="ValueName">Name of the value; null for a list, whose items are the names.</param>
/// <param name="Type"><c>DWORD</c>, <c>SZ</c>, or <c>LIST</c>: a text value <c>0</c> for each item.</param>
/// <param name="Transform">From the canonical value to the registry's.</param>
/// <param name="With">A number that must stand beside it, such as the flag of a list policy; null when none must.</param>
public sealed record RegistrySetting(string Key, string? ValueName, string Type, ValueTransform Transform, RegistryValue? With);

/// <summary>A CSP node.</summary>
/// <param name="Uri">OMA-URI.</param>
/// <param name="Format">
/// <c>int</c>, <c>chr</c>, <c>bool</c>; <c>parts</c>: a text that several settings share, <c>part=value|part=value</c>; <c>admx</c>: a text <c>&lt;enabled/&gt;</c> or
/// <c>&lt;disabled/&gt;</c>, with the value as data when there is a part.
/// </param>
/// <param name="Part">Name of the setting's part of the node, or id of the ADMX element; null when the node is the setting's alone.</param>
public sealed record CspNode(string Uri, string Format, string? Part);

/// <summary>A definition of Intune's settings catalogue.</summary>
/// <param name="Id">Identifier of the definition.</param>
/// <param name="Template">Name of the endpoint security template it belongs to (<see cref="CatalogTemplates"/>); null for a plain settings catalogue policy.</param>
/// <param name="Parent">Definition that it is a child of: a choice of the firewall, or a group; null when it stands by itself.</param>
/// <param name="Values">From the canonical value to the end of a choice's option.</param>
/// <param name="InstanceTemplate">Identifier of the instance in the template; null when it has none.</param>
/// <param name="ValueTemplate">Identifier of the value in the template; null when it has none.</param>
public sealed record CatalogDefinition(string Id, string? Template, string? Parent, ValueTransform Values, string? InstanceTemplate, string? ValueTemplate);

/// <summary>A setting with the value that a policy gives it.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Value">The value in its canonical spelling; allowed by the setting.</param>
public sealed record PolicyValue(PolicySetting Setting, string Value)
{
    /// <summary>The value as a person would write it.</summary>
    public string Word => Setting.Allowed.Word(Value);
}

/// <summary>A registry value below HKEY_LOCAL_MACHINE.</summary>
/// <param name="Id">Identifier of the setting.</param>
/// <param name="Key">Key without the hive.</param>
/// <param name="Value">Name of the value.</param>
/// <param name="Type"><c>DWORD</c> or <c>SZ</c>.</param>
/// <param name="Data">Data: a decimal number for DWORD.</param>
public sealed record RegistryValue(string Id, string Key, string Value, string Type, string Data);
