using System.Collections.Immutable;
using MdbDeploy.Inventory;

namespace MdbDeploy.Planning;

/// <summary>Whether a device meets the requirements, and why.</summary>
/// <param name="Eligibility">The answer.</param>
/// <param name="Reasons">Sentences; only those that led to the answer.</param>
internal sealed record Verdict(Eligibility Eligibility, ImmutableArray<string> Reasons)
{
    /// <summary>The reasons as one text.</summary>
    public string Text => string.Join(' ', Reasons);

    /// <summary>The same answer for the same reasons, whichever builds they were found for.</summary>
    public bool Equals(Verdict? other) => other is not null && Eligibility == other.Eligibility && Reasons.AsSpan().SequenceEqual(other.Reasons.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Eligibility, Text);
}

/// <summary>Checks devices against the requirements. What the inventory does not say is unknown, never a pass.</summary>
internal sealed class EligibilityCheck(Requirements requirements)
{
    // A fleet of a million devices has some dozen combinations.
    private readonly Dictionary<(OsFamily Os, WindowsEdition Edition, WindowsBuild? Build, string? Name), Verdict> known = [];

    /// <summary>The row for an operating system that nothing is planned for; null for Windows and for a system nobody named.</summary>
    public OutOfScopeSystem? OutOfScope(Device device) => requirements.OutOfScope.FirstOrDefault(system => system.Os == device.Os);

    /// <summary>Whether a device meets the requirements. Looks at system, edition and build only, and without a build at the system's name.</summary>
    public Verdict Check(Device device)
    {
        var what = (device.Os, device.Edition, device.Build, device.Build is null || device.Os == OsFamily.Unknown ? device.OsName : null);
        if (!known.TryGetValue(what, out var verdict))
        {
            known[what] = verdict = Judge(device);
        }

        return verdict;
    }

    private Verdict Judge(Device device)
    {
        if (OutOfScope(device) is { } system)
        {
            return new(Eligibility.Ineligible, [$"This tool onboards Windows; for {system.Title} use {system.Serve} ({system.Source.Source})."]);
        }

        if (device.Os == OsFamily.Unknown)
        {
            return new(Eligibility.Unknown, [device.OsName is null || device.OsName.Equals("unknown", StringComparison.OrdinalIgnoreCase)
                ? "The inventory does not say which operating system it runs, so the requirements could not be checked."
                : $"The inventory calls its operating system '{device.OsName}', which this tool does not know, so the requirements could not be checked."]);
        }

        var (name, build) = CheckBuild(device);
        ImmutableArray<Verdict> checks = device.Os == OsFamily.WindowsClient ? [CheckEdition(device), build] : [build];
        var worst = checks.Max(check => check.Eligibility);
        return new(worst, worst == Eligibility.Eligible
            // Without the build, which has a column of its own: whoever filters plan.csv by reasons sees a few, not one for each build.
            ? [$"{name}{(device.Os == OsFamily.WindowsClient ? $" ({EditionTitle(device.Edition)})" : "")} meets the requirements."]
            : [.. checks.Where(check => check.Eligibility == worst).SelectMany(check => check.Reasons)]);
    }

    private Verdict CheckEdition(Device device)
    {
        if (device.Edition == WindowsEdition.Unknown)
        {
            return new(Eligibility.Unknown, ["The inventory does not say which edition of Windows it runs, and Home is not supported."]);
        }

        var row = requirements.Editions.FirstOrDefault(edition => edition.Edition == device.Edition);
        return row is null
            ? new(Eligibility.Unknown, [$"Whether Defender for Business serves Windows {EditionTitle(device.Edition)} is not known to this tool."])
            : new(row.Verdict, row.Verdict == Eligibility.Eligible ? [] : [$"{row.Reason} ({row.Source.Source})"]);
    }

    private (string Name, Verdict Verdict) CheckBuild(Device device)
    {
        if (device.Build is not { } build)
        {
            var named = device.OsName is { } os ? requirements.Builds.FirstOrDefault(row => row.Os == device.Os && row.Names.Any(name => Names(os, name))) : null;
            return named is not null
                ? (named.Name, new(named.Verdict, [$"{device.OsName}: {named.Reason} ({named.Source.Source})"]))
                : ("", new(Eligibility.Unknown, ["The inventory does not say which build of Windows it runs, so its updates could not be checked."]));
        }

        var row = requirements.Builds.FirstOrDefault(row => row.Os == device.Os && build.Number >= row.First && build.Number <= row.Last);
        if (row is null)
        {
            return ("", new(Eligibility.Unknown, [$"Build {build.Number} is no release of {(device.Os == OsFamily.WindowsServer ? "Windows Server" : "Windows")} that this tool knows."]));
        }

        if (row.Verdict != Eligibility.Eligible)
        {
            return (row.Name, new(row.Verdict, [$"{row.Name} (build {build}): {row.Reason} ({row.Source.Source})"]));
        }

        if (build.Revision is not { } revision)
        {
            var needs = row.Kb is null ? "" : $" {row.Name} needs {row.First}.{row.Revision} or later ({row.Kb}).";
            return (row.Name, new(Eligibility.Unknown, [$"The inventory gives build {build.Number} without its update revision, so its updates could not be checked.{needs}"]));
        }

        return (row.Name, revision >= row.Revision
            ? new(Eligibility.Eligible, [])
            : new(Eligibility.Ineligible, [$"{row.Name} (build {build}) is older than {build.Number}.{row.Revision}: install {row.Kb} or a later cumulative update ({row.Source.Source})."]));
    }

    private static bool Names(string os, string part)
    {
        var (text, name) = (os.Replace(" ", "", StringComparison.Ordinal), part.Replace(" ", "", StringComparison.Ordinal));
        for (var at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            // 2016 is not in 12016, nor Windows 1 in Windows 11.
            if (!IsDigit(at - 1) && !(char.IsAsciiDigit(name[^1]) && IsDigit(at + name.Length)))
            {
                return true;
            }
        }

        return false;

        bool IsDigit(int index) => index >= 0 && index < text.Length && char.IsAsciiDigit(text[index]);
    }

    private static string EditionTitle(WindowsEdition edition) => edition switch
    {
        WindowsEdition.EnterpriseLtsc => "Enterprise LTSC",
        WindowsEdition.EnterpriseMultiSession => "Enterprise multi-session",
        WindowsEdition.IotEnterprise => "IoT Enterprise",
        _ => edition.ToString(),
    };
}
