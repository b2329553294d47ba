using MdbDeploy.Planning;
using MdbDeploy.Projects;

namespace MdbDeploy.Rendering;

/// <summary>
/// The rule of an Intune assignment filter that finds the virtual desktops which onboard themselves when they start
/// (learn.microsoft.com/intune/fundamentals/filters-device-properties).
/// </summary>
internal static class VirtualDesktops
{
    // Shorter beginnings say nothing, and would take in devices that the inventory does not know.
    private const int ShortestPrefix = 4;

    /// <summary>
    /// The rule; null when nothing tells the desktops from other devices. Pools of Azure Virtual Desktop by their edition (multi-session), the others by the beginning
    /// that the names of an image's desktops share, as long as no other planned device's name begins so.
    /// </summary>
    /// <param name="planned">The plan.</param>
    /// <param name="images">The golden images of the project.</param>
    public static string? FilterRule(IReadOnlyList<PlannedDevice> planned, IReadOnlyList<ImageSettings> images)
    {
        var clauses = new SortedSet<string>(StringComparer.Ordinal);
        if (images.Any(i => i.Broker == "avd"))
        {
            clauses.Add("(device.operatingSystemSKU -eq \"ServerRdsh\")");
        }

        var others = planned.Where(p => p.Method is not (Methods.VdiScript or Methods.None)).Select(p => p.Device.Name).ToList();
        foreach (var pool in planned.Where(p => p.Method == Methods.VdiScript && p.Device.Image is not null).GroupBy(p => p.Device.Image!, StringComparer.OrdinalIgnoreCase))
        {
            var prefix = CommonPrefix([.. pool.Select(p => p.Device.Name)]);
            // Letters, digits and dashes cannot end the text of the rule.
            if (prefix.Length >= ShortestPrefix && prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && !others.Any(n => n.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                clauses.Add($"(device.deviceName -startsWith \"{prefix}\")");
            }
        }

        return clauses.Count == 0 ? null : string.Join(" or ", clauses);
    }

    /// <summary>What all names begin with, without the digits at its end: those number the desktops.</summary>
    private static string CommonPrefix(List<string> names)
    {
        var length = names.Min(n => n.Length);
        for (var i = 0; i < length; i++)
        {
            if (names.Any(n => char.ToUpperInvariant(n[i]) != char.ToUpperInvariant(names[0][i])))
            {
                length = i;
            }
        }

        return names[0][..length].ToUpperInvariant().TrimEnd("0123456789".ToCharArray());
    }
}
