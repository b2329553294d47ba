using System.Globalization;

namespace MdbDeploy.Targets.Checks;

/// <summary>This machine's clock against a server's.</summary>
internal static class Clock
{
    /// <summary>Kerberos and token validation both bear five minutes (RFC 4120 §1.6; Entra ID allows the same).</summary>
    private static readonly TimeSpan Bearable = TimeSpan.FromMinutes(5);

    /// <summary>Compares the clocks.</summary>
    /// <param name="system">The system.</param>
    /// <param name="theirs">The server's time; null when no answer told it.</param>
    /// <param name="ours">This machine's time.</param>
    public static TargetCheck Check(string system, DateTimeOffset? theirs, DateTimeOffset ours)
    {
        if (theirs is not { } time)
        {
            return new(system, "clock", Verdict.Unknown, "no answer told the server's time");
        }

        var off = (ours - time).Duration();
        return off > Bearable
            ? new(system, "clock", Verdict.Failed, string.Create(CultureInfo.InvariantCulture, $"this machine's clock is {off.TotalMinutes:0} minutes {(ours > time ? "ahead" : "behind")}: sign-in fails beyond five. Set it by a time server."))
            : new(system, "clock", Verdict.Passed, string.Create(CultureInfo.InvariantCulture, $"{off.TotalSeconds:0} s off"));
    }

    /// <summary>The time in a <c>Date</c> header (RFC 9110 §6.6.1).</summary>
    public static DateTimeOffset? Of(string? header) =>
        DateTimeOffset.TryParseExact(header, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;
}
