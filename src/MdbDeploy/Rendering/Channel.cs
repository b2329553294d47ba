using System.Collections.Immutable;
using MdbDeploy.Bundles;
using MdbDeploy.Packages;

namespace MdbDeploy.Rendering;

/// <summary>A deployment channel: a folder below templates/ with a <c>channel.yaml</c>. Adding a folder adds a channel.</summary>
public sealed record Channel
{
    /// <summary>Name: that of its folder, with <c>-offboarding</c> behind it for the part that offboards.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its folder below templates/.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether it serves the devices to be offboarded (<c>offboarding.yaml</c>) instead of those to be onboarded (<c>channel.yaml</c>).</summary>
    public bool Offboards { get; init; }

    /// <summary>Title for people.</summary>
    public required string Title { get; init; }

    /// <summary>The onboarding method whose devices are this channel's; null for a channel that serves every device.</summary>
    public string? Method { get; init; }

    /// <summary>Target that its resources are pushed to; null when it renders files only.</summary>
    public string? Target { get; init; }

    /// <summary>When it is rendered.</summary>
    public ChannelCondition When { get; init; }

    /// <summary>The kind of package it needs; null when none.</summary>
    public PackageKind? Package { get; init; }

    /// <summary>The kinds of resource it renders.</summary>
    public ImmutableArray<ResourceKind> Kinds { get; init; } = [];

    /// <summary>What it renders, in order.</summary>
    public required ImmutableArray<ChannelOutput> Outputs { get; init; }

    /// <summary>Texts of its templates, by file name.</summary>
    public required ImmutableSortedDictionary<string, string> Templates { get; init; }

    /// <summary>The channel.yaml, as messages name it.</summary>
    public required string File { get; init; }
}

/// <summary>When a channel is rendered.</summary>
public enum ChannelCondition
{
    /// <summary>When at least one device is planned for its method.</summary>
    Devices,

    /// <summary>When the project names at least one golden image.</summary>
    Images,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Always, and without looking at devices.</summary>
    Project,
}

/// <summary>One output of a channel.</summary>
public sealed record ChannelOutput
{
    /// <summary>Path in the bundle, with <c>/</c>; may hold <c>{{ }}</c>, whose values are made safe for file names.</summary>
    public required string Path { get; init; }

    /// <summary>File name of the template; null when <see cref="Copy"/> or <see cref="Files"/> says what to write.</summary>
    public string? Template { get; init; }

    /// <summary>File of the package to copy byte for byte (its name, or <c>*</c> for all).</summary>
    public string? Copy { get; init; }

    /// <summary>How often it is rendered.</summary>
    public OutputScope Each { get; init; }

    /// <summary>Encoding of a text file.</summary>
    public TextEncoding Encoding { get; init; }

    /// <summary>Whether lines end in CR LF instead of LF.</summary>
    public bool Crlf { get; init; }

    /// <summary>Name of the escaper; null to take it from the extension of <see cref="Path"/>.</summary>
    public string? Escape { get; init; }

    /// <summary>Turns the rendered text, or <see cref="Files"/>, into bytes; null to write the text.</summary>
    public string? Packer { get; init; }

    /// <summary>Outputs that the packer packs; their paths are relative to its root.</summary>
    public ImmutableArray<ChannelOutput> Files { get; init; } = [];

    /// <summary>Whether the rendered JSON is a resource document.</summary>
    public bool IsResource { get; init; }

    /// <summary>Template expression that must be true for the output to be rendered; null for always.</summary>
    public string? When { get; init; }

    /// <summary>What to tell when <see cref="When"/> does not hold; null to leave the output out silently.</summary>
    public string? Otherwise { get; init; }

    /// <summary>Line in channel.yaml.</summary>
    public int Line { get; init; }
}

/// <summary>How often an output is rendered.</summary>
public enum OutputScope
{
    /// <summary>Once per run.</summary>
    Run,

    /// <summary>Once per ring that holds devices of the channel.</summary>
    Ring,

    /// <summary>Once per ring and settings catalogue policy of the ring.</summary>
    RingPolicy,

    /// <summary>Once per combination of policy presets that rings of the channel use.</summary>
    SettingsPolicy,

    /// <summary>Once per batch of at most ten devices, for what people carry from device to device.</summary>
    Batch,

    /// <summary>Once per golden image.</summary>
    Image,

    /// <summary>Once per device. For a handful of devices: thousands of small files take minutes, one list takes a millisecond.</summary>
    Device,
}

/// <summary>Encoding of a rendered text file.</summary>
public enum TextEncoding
{
    /// <summary>UTF-8 without byte order mark.</summary>
    Utf8,

    /// <summary>UTF-8 with byte order mark, which Windows PowerShell 5.1 needs to read anything beyond ASCII.</summary>
    Utf8Bom,

    /// <summary>UTF-16 little endian with byte order mark, as scripts.ini wants it.</summary>
    Utf16Bom,
}
