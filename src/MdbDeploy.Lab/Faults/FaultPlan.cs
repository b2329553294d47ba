using System.Collections.Immutable;
using System.Globalization;

namespace MdbDeploy.Lab.Faults;

/// <summary>
/// The faults to inject. Rules are separated by commas; the first that strikes wins:
/// <code>
/// RULE    = FAULT ":" WHERE
/// WHERE   = "*"                            every request
///         | RATE                           that share of all requests, for example 0.1
///         | METHOD ":" PATH                every such request
///         | METHOD ":" PATH ":" N          the Nth such request, once
///         | METHOD ":" PATH ":" RATE       that share of such requests
/// METHOD  = GET | POST | PATCH | PUT | DELETE | *
/// PATH    = beginning of the path, for example /beta/groups
/// RATE    = a number with a point, above 0.0 and up to 1.0
/// FAULT   = 400…599                        answer that status and do nothing; 429 and 503 say Retry-After: 1
///         | 429-no-retry-after, 503-no-retry-after
///         | 429-date, 503-date             Retry-After as an HTTP date
///         | 500-committed, 502-…, 503-…, 504-committed   do it, then answer the error
///         | 400-empty … 599-empty          answer that status without a body, and do nothing; HTTP.sys and the AdminService do so
///         | 400-html … 599-html            answer that status with an HTML page, and do nothing
///         | 200-empty, 200-html            the same, as a proxy in between does that wants a sign-in
///         | html                           502 with an HTML page, as a proxy in between sends
///         | abort                          cut the connection before doing anything
///         | lost-answer                    do it, then cut the connection
///         | latency=MILLISECONDSms         wait first; also written latency:50ms for all requests
/// </code>
/// A share is spread evenly by counting, so that the same requests in the same order meet the same faults. Sign-in is never disturbed.
/// Example: <c>429:0.1,lost-answer:POST:/beta/deviceManagement:1,latency:50ms</c>.
/// </summary>
/// <param name="Rules">The rules in order.</param>
public sealed record FaultPlan(ImmutableArray<FaultRule> Rules)
{
    private static readonly string[] Methods = ["GET", "POST", "PATCH", "PUT", "DELETE"];

    /// <summary>Reads a plan. Null and blank text is the plan without faults.</summary>
    /// <exception cref="FormatException">The text is none; the message names the rule and what is wrong with it.</exception>
    public static FaultPlan Parse(string? text)
    {
        var rules = ImmutableArray.CreateBuilder<FaultRule>();
        foreach (var rule in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (rule.Length > 0)
            {
                rules.Add(ParseRule(rule));
            }
            else if (!string.IsNullOrWhiteSpace(text))
            {
                throw new FormatException($"'{text}' has an empty fault rule.");
            }
        }

        return new FaultPlan(rules.ToImmutable());
    }

    private static FaultRule ParseRule(string text)
    {
        var parts = text.Split(':');
        if (parts is ["latency", _])
        {
            return Rule($"latency={parts[1]}", null, "", null, null);
        }

        return parts switch
        {
            [var fault, "*"] => Rule(fault, null, "", null, null),
            [var fault, var rate] when IsRate(rate) => Rule(fault, null, "", null, Rate(rate)),
            [var fault, var method, var path] => Rule(fault, Method(method), Path(path), null, null),
            [var fault, var method, var path, var rate] when IsRate(rate) => Rule(fault, Method(method), Path(path), null, Rate(rate)),
            [var fault, var method, var path, var number] => Rule(fault, Method(method), Path(path), Number(number), null),
            _ => throw Error("it must be FAULT:*, FAULT:0.1, FAULT:METHOD:/path or FAULT:METHOD:/path:N"),
        };

        FaultRule Rule(string fault, string? method, string path, int? nth, double? rate)
        {
            var (kind, status, latency) = Fault(fault);
            return new FaultRule { Text = text, Kind = kind, Status = status, Latency = latency, Method = method, Path = path, Nth = nth, Rate = rate };
        }

        (FaultKind Kind, int Status, TimeSpan Latency) Fault(string fault)
        {
            if (fault.StartsWith("latency=", StringComparison.Ordinal))
            {
                return fault.EndsWith("ms", StringComparison.Ordinal)
                    && int.TryParse(fault["latency=".Length..^2], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= 60_000
                    ? (FaultKind.Latency, 0, TimeSpan.FromMilliseconds(milliseconds))
                    : throw Error("a latency is written as 50ms, up to 60000ms");
            }

            var dash = fault.IndexOf('-', StringComparison.Ordinal);
            var hasStatus = int.TryParse(dash < 0 ? fault : fault[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is 200 or (>= 400 and <= 599);
            return (hasStatus, dash < 0 ? "" : fault[dash..]) switch
            {
                (true, "") when status != 200 => (FaultKind.Status, status, default),
                (true, "-empty") => (FaultKind.StatusWithoutBody, status, default),
                (true, "-html") => (FaultKind.Html, status, default),
                (true, "-no-retry-after") when status is 429 or 503 => (FaultKind.StatusWithoutRetryAfter, status, default),
                (true, "-date") when status is 429 or 503 => (FaultKind.StatusWithRetryDate, status, default),
                (true, "-committed") when status is 500 or 502 or 503 or 504 => (FaultKind.CommittedStatus, status, default),
                _ when fault == "html" => (FaultKind.Html, 502, default),
                _ when fault == "abort" => (FaultKind.Abort, 0, default),
                _ when fault == "lost-answer" => (FaultKind.LostAnswer, 0, default),
                _ => throw Error($"'{fault}' is no fault"),
            };
        }

        string? Method(string method) =>
            method == "*" ? null
            : Methods.Contains(method, StringComparer.Ordinal) ? method
            : throw Error($"'{method}' is no method (GET, POST, PATCH, PUT, DELETE or *)");

        string Path(string path) => path.StartsWith('/') ? path : throw Error($"the path '{path}' must begin with /");

        int Number(string number) =>
            int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : throw Error($"'{number}' is neither a number from 1 nor a share such as 0.1");

        double Rate(string rate) =>
            double.TryParse(rate, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1
                ? share
                : throw Error($"the share '{rate}' must be above 0.0 and up to 1.0");

        static bool IsRate(string rate) => rate.Contains('.', StringComparison.Ordinal) && !rate.StartsWith('/');

        FormatException Error(string message) => new($"Fault rule '{text}': {message}.");
    }
}

/// <summary>One rule of a <see cref="FaultPlan"/>.</summary>
public sealed record FaultRule
{
    /// <summary>The rule as written.</summary>
    public required string Text { get; init; }

    /// <summary>What happens.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>HTTP status, for the kinds that answer one.</summary>
    public int Status { get; init; }

    /// <summary>How long to wait, for <see cref="FaultKind.Latency"/>.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Method it strikes; null for all.</summary>
    public string? Method { get; init; }

    /// <summary>Beginning of the path it strikes; empty for all.</summary>
    public string Path { get; init; } = "";

    /// <summary>Which of the matching requests it strikes, from 1; null for more than one.</summary>
    public int? Nth { get; init; }

    /// <summary>Share of the matching requests it strikes; null for all of them.</summary>
    public double? Rate { get; init; }

    /// <summary>Whether the request is of the kind it strikes.</summary>
    internal bool Concerns(string method, string path) =>
        (Method is null || Method == method) && path.StartsWith(Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it strikes the Nth matching request.</summary>
    internal bool Strikes(int number) =>
        Nth is { } nth ? number == nth
        : Rate is not { } rate || Math.Floor(number * rate) > Math.Floor((number - 1) * rate);
}

/// <summary>What a fault does.</summary>
public enum FaultKind
{
    /// <summary>Answers the status without doing anything.</summary>
    Status,

    /// <summary>Answers 429 or 503 without saying when to come back, as Intune often does.</summary>
    StatusWithoutRetryAfter,

    /// <summary>Answers 429 or 503 with Retry-After as an HTTP date.</summary>
    StatusWithRetryDate,

    /// <summary>Does what was asked and answers an error all the same.</summary>
    CommittedStatus,

    /// <summary>Answers the status without a body and without doing anything.</summary>
    StatusWithoutBody,

    /// <summary>Answers the status with an HTML page and does nothing.</summary>
    Html,

    /// <summary>Cuts the connection without doing anything.</summary>
    Abort,

    /// <summary>Does what was asked and cuts the connection.</summary>
    LostAnswer,

    /// <summary>Waits before anything else. In real time, whatever clock the lab has.</summary>
    Latency,
}
