using System.Collections.Immutable;
using MdbDeploy.Packages;
using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Rendering;

/// <summary>Everything a rendering depends on.</summary>
public sealed record RenderInput
{
    /// <summary>The deployment project.</summary>
    public required DeploymentProject Project { get; init; }

    /// <summary>The plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>The packages.</summary>
    public required PackageSet Packages { get; init; }

    /// <summary>Registry settings of the project's policy presets.</summary>
    public required ImmutableArray<RenderSetting> Settings { get; init; }

    /// <summary>The channels.</summary>
    public required IReadOnlyList<Channel> Channels { get; init; }

    /// <summary>The files all this came from, for <c>bundle.json</c>: name and lower-case hexadecimal SHA-256.</summary>
    public required ImmutableSortedDictionary<string, string> Sources { get; init; }
}

/// <summary>A policy setting as a registry value.</summary>
/// <param name="Id">Identifier in the catalogue.</param>
/// <param name="Key">Registry key without the hive.</param>
/// <param name="Value">Name of the value.</param>
/// <param name="Type"><c>DWORD</c> or <c>SZ</c>.</param>
/// <param name="Data">Data: a decimal number for DWORD.</param>
public sealed record RenderSetting(string Id, string Key, string Value, string Type, string Data);
