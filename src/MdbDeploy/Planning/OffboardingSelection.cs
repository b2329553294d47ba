using MdbDeploy.Diagnostics;
using MdbDeploy.Inventory;
using MdbDeploy.Projects;
using MdbDeploy.Yaml;

namespace MdbDeploy.Planning;

/// <summary>Which devices are to be offboarded, and why: the inventory's state, a name, or a condition of <c>offboard:</c> in mdbdeploy.yaml.</summary>
internal sealed class OffboardingSelection
{
    /// <summary>For how many unknown names the nearest is looked for: each is compared with every device, which takes a second of a million.</summary>
    private const int MostCompared = 3;

    private readonly OffboardSettings settings;
    private readonly DeviceExpression? match;
    private readonly DeviceTable devices;
    private readonly Dictionary<string, int> counts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<int> named = [];

    /// <summary>Finds the devices that are named.</summary>
    /// <param name="settings">What mdbdeploy.yaml says.</param>
    /// <param name="match">Its condition, compiled; null when there is none.</param>
    /// <param name="devices">The devices.</param>
    public OffboardingSelection(OffboardSettings settings, DeviceExpression? match, DeviceTable devices)
    {
        (this.settings, this.match, this.devices) = (settings, match, devices);
        if (settings.Names.IsEmpty)
        {
            return;
        }

        // A few of a million devices: they are looked for by computer name, and only those found are asked for all of their names.
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, _) in settings.Names)
        {
            counts.TryAdd(name, 0);
            var host = name[(name.LastIndexOf('\\') + 1)..];
            words.UnionWith([name, host, host.Split('.')[0]]);
        }

        foreach (var row in devices.Called(words))
        {
            foreach (var name in NamesOf(devices.Rows.Device(row)).Where(counts.ContainsKey))
            {
                counts[name]++;
                named.Add(row);
            }
        }
    }

    /// <summary>Whether its condition looks only at fields that many devices share.</summary>
    public bool IsShared => match is null || match.IsShared;

    /// <summary>Whether mdbdeploy.yaml names the device of a row, so that it stands for no other.</summary>
    public bool Names(int row) => named.Contains(row);

    /// <summary>Why a device is to be offboarded, as a sentence; null when it is not.</summary>
    public string? ReasonFor(Device device) =>
        device.State == DeviceState.Offboard ? "The inventory marks it for offboarding."
        : named.Count > 0 && device.Name.Length > 0 && NamesOf(device).Any(counts.ContainsKey) ? $"'offboard' in {ProjectReader.FileName} names it."
        : match is not null && match.Holds(device) ? $"'offboard' in {ProjectReader.FileName} takes it: \"{match.Text}\" holds."
        : null;

    /// <summary>Names that no device has, and names that several have.</summary>
    public IEnumerable<Diagnostic> Check()
    {
        var unknown = 0;
        foreach (var (name, at) in settings.Names)
        {
            if (counts[name] == 0)
            {
                var near = unknown++ < MostCompared ? Nearest.To(name, devices.Select(d => d.Name)) : null;
                yield return Problems.OffboardNameUnknown.At(at, $"'{name}' is not in the inventory.{(near is null ? "" : $" Did you mean '{near}'?")}");
            }
            else if (counts[name] > 1)
            {
                yield return Problems.OffboardNameAmbiguous.At(at, $"{counts[name]} devices are called '{name}'.");
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
