using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;
using MdbDeploy.Yaml;

namespace MdbDeploy.Planning;

/// <summary>Which devices are to be offboarded, and why: the inventory's state, a name, or a condition of <c>offboard:</c> in mdbdeploy.yaml.</summary>
/// <param name="settings">What mdbdeploy.yaml says.</param>
/// <param name="match">Its condition, compiled; null when there is none.</param>
internal sealed class OffboardingSelection(OffboardSettings settings, DeviceExpression? match)
{
    private readonly HashSet<string> names = new(settings.Names.Select(n => n.Text), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it looks only at fields that many devices share.</summary>
    public bool IsShared => names.Count == 0 && (match is null || match.IsShared);

    /// <summary>Why a device is to be offboarded, as a sentence; null when it is not.</summary>
    public string? ReasonFor(Device device) =>
        device.State == DeviceState.Offboard ? "The inventory marks it for offboarding."
        : NamesOf(device).Any(names.Contains) ? $"'offboard' in {ProjectReader.FileName} names it."
        : match is not null && match.Holds(device) ? $"'offboard' in {ProjectReader.FileName} takes it: \"{match.Text}\" holds."
        : null;

    /// <summary>Names that no device has, and names that several have.</summary>
    public IEnumerable<Diagnostic> Check(DeviceTable devices)
    {
        if (settings.Names.IsEmpty)
        {
            yield break;
        }

        var found = devices.SelectMany(d => NamesOf(d).Select(name => (name, d))).ToLookup(pair => pair.name, pair => pair.d, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, at) in settings.Names)
        {
            var count = found[name].Count();
            if (count == 0)
            {
                yield return Problems.OffboardNameUnknown.At(at, $"'{name}' is not in the inventory.{(Nearest.To(name, devices.Select(d => d.Name)) is { } near ? $" Did you mean '{near}'?" : "")}");
            }
            else if (count > 1)
            {
                yield return Problems.OffboardNameAmbiguous.At(at, $"{count} devices are called '{name}'.");
            }
        }
    }

    private static IEnumerable<string> NamesOf(Device device)
    {
        yield return device.Name;
        if (device.Fqdn is { } fqdn && !fqdn.Equals(device.Name, StringComparison.OrdinalIgnoreCase))
        {
            yield return fqdn;
        }

        if (device.Domain is { } domain)
        {
            yield return $"{domain}\\{device.Name}";
        }
    }
}
