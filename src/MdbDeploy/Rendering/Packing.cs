using System.Collections.Immutable;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Rendering;

/// <summary>What a packer gets.</summary>
/// <param name="Project">Identifier of the project, for stable GUIDs.</param>
/// <param name="Path">Path of the output.</param>
/// <param name="Text">The rendered template.</param>
/// <param name="Files">The rendered parts, with paths relative to the packer's root.</param>
internal sealed record PackRequest(string Project, string Path, string Text, IReadOnlyList<RenderedFile> Files);

/// <summary>The packers that <c>packer:</c> in a channel.yaml may name: from rendered text to the bytes of a Windows format.</summary>
internal static class Packing
{
    private static readonly ImmutableSortedDictionary<string, Func<PackRequest, Outcome<IReadOnlyList<RenderedFile>>>> Packers =
        ImmutableSortedDictionary.CreateRange<string, Func<PackRequest, Outcome<IReadOnlyList<RenderedFile>>>>(StringComparer.Ordinal,
        [
        ]);

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => Packers.Keys;

    /// <summary>Packs.</summary>
    /// <param name="packer">A name of <see cref="Names"/>.</param>
    /// <param name="request">What to pack.</param>
    public static Outcome<IReadOnlyList<RenderedFile>> Pack(string packer, PackRequest request) => Packers[packer](request);
}
