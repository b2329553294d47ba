using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace MdbDeploy.Lab.Faults;

/// <summary>Counts requests and says which fault strikes each.</summary>
internal sealed class FaultInjection(FaultPlan plan, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly int[] seen = new int[plan.Rules.Length];

    /// <summary>How long this request waits.</summary>
    public TimeSpan Latency(LabRequest request) =>
        Next(request, latency: true)?.Latency ?? TimeSpan.Zero;

    /// <summary>The fault that strikes this request; null for none.</summary>
    public FaultRule? Next(LabRequest request) => Next(request, latency: false);

    /// <summary>The answer with the fault in it.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="carryOut">Does what the request asks.</param>
    /// <param name="error">An error in the words of the service.</param>
    public LabAnswer Answer(FaultRule fault, Func<LabAnswer> carryOut, Func<int, LabAnswer> error)
    {
        switch (fault.Kind)
        {
            case FaultKind.Abort:
                return new LabAnswer(0) { Abort = true };
            case FaultKind.LostAnswer:
                return carryOut() with { Abort = true };
            case FaultKind.CommittedStatus:
                carryOut();
                return error(fault.Status);
            case FaultKind.Html:
                var title = ReasonPhrases.GetReasonPhrase(fault.Status);
                return new LabAnswer(fault.Status) { Text = ("text/html", $"<html><head><title>{fault.Status} {title}</title></head><body><h1>{title}</h1></body></html>") };
            case FaultKind.StatusWithoutBody:
                return new LabAnswer(fault.Status);
            case FaultKind.StatusWithRetryDate:
                return error(fault.Status).With("Retry-After", time.GetUtcNow().AddSeconds(1).ToString("r", CultureInfo.InvariantCulture));
            case FaultKind.Status when fault.Status is 429 or 503:
                return error(fault.Status).With("Retry-After", "1");
            default:
                return error(fault.Status);
        }
    }

    private FaultRule? Next(LabRequest request, bool latency)
    {
        lock (gate)
        {
            FaultRule? first = null;
            for (var i = 0; i < plan.Rules.Length; i++)
            {
                var rule = plan.Rules[i];
                if ((rule.Kind == FaultKind.Latency) == latency && rule.Concerns(request.Method, request.Path) && rule.Strikes(++seen[i]))
                {
                    first ??= rule;
                }
            }

            return first;
        }
    }
}
