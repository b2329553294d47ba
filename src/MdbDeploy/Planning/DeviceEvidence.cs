using System.Collections.Immutable;
using System.Globalization;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>A field of a merged device and the records that say something of it.</summary>
/// <param name="Field">Name of the field, as import profiles call it.</param>
/// <param name="Value">The merged value, as text.</param>
/// <param name="From">
/// The record it comes from: the most trusted that says just this. Several when no single one does, as with managers, which add up; none when it was learned from other records, as the domain
/// behind a short name.
/// </param>
/// <param name="Others">What other records say instead.</param>
public sealed record FieldEvidence(string Field, string Value, ImmutableArray<Origin> From, ImmutableArray<(string Value, Origin From)> Others);

/// <summary>Finds out where each field of a device comes from.</summary>
public static class DeviceEvidence
{
    private static readonly ImmutableArray<(DeviceField Field, Func<Device, string?> Value)> Fields =
    [
        (DeviceField.Name, d => d.Name),
        (DeviceField.Fqdn, d => d.Fqdn),
        (DeviceField.Domain, d => d.Domain),
        (DeviceField.Os, d => d.OsName ?? (d.Os == OsFamily.Unknown ? null : DeviceWords.Of(d.Os))),
        (DeviceField.Edition, d => d.Edition == WindowsEdition.Unknown ? null : DeviceWords.Of(d.Edition)),
        (DeviceField.Build, d => d.Build?.ToString()),
        (DeviceField.Role, d => d.Role == DeviceRole.Unknown ? null : DeviceWords.Of(d.Role)),
        (DeviceField.Join, d => d.Join == JoinType.Unknown ? null : DeviceWords.Of(d.Join)),
        (DeviceField.ManagedBy, d => string.Join(", ", DeviceWords.Of(d.ManagedBy))),
        (DeviceField.EntraDeviceId, d => d.EntraDeviceId?.ToString("D")),
        (DeviceField.IntuneDeviceId, d => d.IntuneDeviceId?.ToString("D")),
        (DeviceField.SmsId, d => d.SmsId?.ToString("D")),
        (DeviceField.AdObjectId, d => d.AdObjectId?.ToString("D")),
        (DeviceField.Serial, d => d.Serial),
        (DeviceField.Ou, d => d.Ou),
        (DeviceField.Site, d => d.Site),
        (DeviceField.Method, d => d.RequestedMethod),
        (DeviceField.Ring, d => d.RequestedRing),
        (DeviceField.Tags, d => string.Join(", ", d.Tags)),
        (DeviceField.Vdi, d => d.Vdi == VdiKind.None ? null : DeviceWords.Of(d.Vdi)),
        (DeviceField.Image, d => d.Image),
        (DeviceField.GoldenImage, d => d.IsGoldenImage ? "yes" : null),
        (DeviceField.Owner, d => d.Owner),
        (DeviceField.LastSeen, d => d.LastSeen?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
        (DeviceField.State, d => d.State == DeviceState.Active ? null : DeviceWords.Of(d.State)),
        (DeviceField.Onboarded, d => d.IsOnboarded is { } onboarded ? onboarded ? "yes" : "no" : null),
    ];

    /// <summary>The fields that have a value, each with where it comes from.</summary>
    /// <param name="device">The merged device.</param>
    /// <param name="records">The records it was merged from, see <see cref="InventoryReader.Records"/>.</param>
    public static ImmutableArray<FieldEvidence> Of(Device device, IReadOnlyDictionary<Origin, Device> records)
    {
        var merged = device.Origins.Where(records.ContainsKey).Select(origin => (Origin: origin, Device: records[origin])).ToList();
        var evidence = ImmutableArray.CreateBuilder<FieldEvidence>();
        foreach (var (field, value) in Fields)
        {
            if (value(device) is not { Length: > 0 } text)
            {
                continue;
            }

            var said = merged.Select(record => (Value: value(record.Device) ?? "", record.Origin)).Where(record => record.Value.Length > 0).ToList();
            var same = said.FindIndex(record => string.Equals(record.Value, text, StringComparison.OrdinalIgnoreCase));
            evidence.Add(new(
                DeviceFields.NameOf(field),
                text,
                same >= 0 ? [said[same].Origin] : [.. said.Select(record => record.Origin)],
                same >= 0 ? [.. said.Where(record => !string.Equals(record.Value, text, StringComparison.OrdinalIgnoreCase)).Select(record => (record.Value, record.Origin))] : []));
        }

        return evidence.ToImmutable();
    }
}
