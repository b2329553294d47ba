using System.Collections.Immutable;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Rendering;

/// <summary>Turns a plan into the bundle: every file of every channel that is needed. A pure function of its input.</summary>
public static class Renderer
{
    /// <summary>Renders all channels.</summary>
    /// <param name="input">Everything the bundle depends on.</param>
    /// <param name="cancellationToken">Ends the rendering.</param>
    public static Outcome<Bundle> Render(RenderInput input, CancellationToken cancellationToken = default)
    {
        var diagnostics = new List<Diagnostic>();
        var files = new SortedDictionary<string, BundleFile>(StringComparer.Ordinal);
        var taken = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var kinds = new SortedDictionary<string, Dictionary<string, ResourceKind>>(StringComparer.Ordinal);
        foreach (var channel in input.Channels)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Also those of a channel that has nothing to render now: what it rendered once must still be found, to be deleted.
            foreach (var kind in channel.Kinds)
            {
                kinds.TryAdd(channel.Target!, []);
                if (!kinds[channel.Target!].TryAdd(kind.Name, kind) && !ReferenceEquals(kinds[channel.Target!][kind.Name], kind))
                {
                    diagnostics.Add(Problems.ChannelFileInvalid.At(new Location(channel.File), $"The kind '{kind.Name}' is declared by another channel of target '{channel.Target}' already."));
                }
            }

            var renderer = new ChannelRenderer(input, channel, diagnostics, cancellationToken);
            if (!renderer.IsNeeded)
            {
                continue;
            }

            foreach (var file in renderer.Render())
            {
                if (!taken.TryAdd(file.Path, channel.Name))
                {
                    diagnostics.Add(Problems.DuplicateOutput.At(new Location(channel.File), $"'{file.Path}' is rendered twice (channel {taken[file.Path]} and channel {channel.Name})."));
                    continue;
                }

                files[file.Path] = file;
            }
        }

        foreach (var group in input.Plan.Devices.Matching(o => o.Offboarding is not null).GroupBy(d => d.Offboarding!, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Where(g => !input.Channels.Any(c => c.Offboards && c.Method == g.Key)))
        {
            diagnostics.Add(Problems.MethodDoesNotOffboard.At(Location.Of(group.Key), $"No channel offboards by '{group.Key}', so nothing is written for {group.Count()} {(group.Count() == 1 ? "device" : "devices")}."));
        }

        CheckReferences(files.Values, diagnostics);
        return new(new Bundle
        {
            Project = input.Project.Id,
            Organization = input.Project.Organization,
            Files = [.. files.Values],
            Kinds = kinds.ToImmutableSortedDictionary(p => p.Key, p => p.Value.Values.OrderBy(k => k.Phase).ThenBy(k => k.Name, StringComparer.Ordinal).ToImmutableArray(), StringComparer.Ordinal),
            Sources = input.Sources,
        }, diagnostics);
    }

    private static void CheckReferences(IEnumerable<BundleFile> files, List<Diagnostic> diagnostics)
    {
        var resources = files.Select(f => f.Resource).OfType<Resource>().ToList();
        var addresses = resources.Select(r => r.Address).ToHashSet(StringComparer.Ordinal);
        foreach (var twice in resources.GroupBy(r => r.Address, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            diagnostics.Add(Problems.ResourceInvalid.At(Location.Of(twice.Key), $"The address '{twice.Key}' is rendered by {string.Join(" and ", twice.Select(r => r.File))}."));
        }

        foreach (var resource in resources)
        {
            foreach (var missing in resource.DependsOn.Where(a => !addresses.Contains(a)))
            {
                diagnostics.Add(Problems.ResourceReferenceUnknown.At(Location.Of(resource.Address), $"{resource.File} refers to '{missing}', which nothing renders."));
            }
        }
    }
}
