using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Packages;

/// <summary>What a Group Policy Object does with the portal's scripts, by their content where the policy holds them and by their names where it only starts them.</summary>
public static class OnboardingPolicyLint
{
    private const string OffboardingName = "OffboardingScript";
    private const string OnboardingName = "OnboardingScript";

    // A computer that is off over a weekend refreshes its policy after it.
    private static readonly TimeSpan Warning = TimeSpan.FromHours(48);

    /// <summary>Scripts that hang, that Windows refuses, or that undo each other.</summary>
    /// <param name="backup">The policy.</param>
    /// <param name="place">Where its files are, as messages name it.</param>
    /// <param name="now">The moment that scripts must still be valid at.</param>
    public static IEnumerable<Diagnostic> Check(GroupPolicyBackup backup, string place, DateTimeOffset now)
    {
        var scripts = backup.Files.Select(f => (File: $"{place}/{f.Key}", Name: f.Key.Split('/')[^1], Script: OnboardingScript.Find(f.Value.Span))).ToList();
        var names = backup.Files.SelectMany(f => GroupPolicyLint.Commands(f.Key, f.Value).Select(c => (File: $"{place}/{f.Key}", Name: c.Command))).ToList();
        foreach (var (file, name, _) in scripts.Where(s => s.Script is { IsInteractive: true }))
        {
            yield return Problems.PolicyScriptAsks.At(new Location(file), $"'{name}' waits for an answer.");
        }

        foreach (var (file, name) in names.Where(n => n.Name.Contains("WindowsDefenderATPLocalOnboardingScript", StringComparison.OrdinalIgnoreCase)))
        {
            yield return Problems.PolicyScriptAsks.At(new Location(file), $"'{name}' is the package for single computers, which waits for an answer.");
        }

        foreach (var (file, name) in names.Concat(scripts.Where(s => s.Script is not null).Select(s => (s.File, s.Name))).Distinct())
        {
            if (OffboardingExpiry.Of(null, name).Expires is not { } expires)
            {
                continue;
            }

            if (expires <= now)
            {
                yield return Problems.PolicyOffboardingExpired.At(new Location(file), $"'{name}' was valid until {expires.UtcDateTime:yyyy-MM-dd}.");
            }
            else if (expires - now < Warning)
            {
                yield return Problems.PolicyOffboardingExpires.At(new Location(file), $"'{name}' is valid until {expires.UtcDateTime:yyyy-MM-dd}.");
            }
        }

        var offboards = scripts.Any(s => s.Script is { IsOffboarding: true }) || names.Any(n => n.Name.Contains(OffboardingName, StringComparison.OrdinalIgnoreCase));
        var onboards = scripts.Any(s => s.Script is { IsOffboarding: false }) || names.Any(n => n.Name.Contains(OnboardingName, StringComparison.OrdinalIgnoreCase));
        if (offboards && onboards)
        {
            yield return Problems.PolicyOnboardsAndOffboards.At(new Location(place), $"'{backup.DisplayName}' starts an onboarding and an offboarding script.");
        }
    }
}
