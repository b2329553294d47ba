using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>
/// An error in the server's words. Understands Graph (<c>{"error":{code, message, innerError}}</c>), Intune, which puts JSON into that message
/// (jseerden/IntuneBackupAndRestore issue 60), the AdminService (<c>{"error":{"code":"404","message":…}}</c>), the older <c>message.value</c>, empty bodies and HTML.
/// </summary>
public sealed partial record RestError
{
    private const int LongestMessage = 600;

    /// <summary>The request.</summary>
    public required RestRequest Request { get; init; }

    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The server's code; null when it names none.</summary>
    public string? Code { get; init; }

    /// <summary>What the server says, on one line.</summary>
    public required string Message { get; init; }

    /// <summary>The server's name of the request, which its support asks for.</summary>
    public string? RequestId { get; init; }

    /// <summary>Intune's name of the operation, which its support asks for.</summary>
    public string? ActivityId { get; init; }

    /// <summary>Reads the error out of an answer.</summary>
    public static RestError Read(RestResponse response) => Read(response.Request, response.Status, response.Body, response.Text, response.Header("request-id"));

    /// <summary>Reads the error out of the parts of an answer, for example of one item of a <c>$batch</c>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="body">The body as JSON.</param>
    /// <param name="text">The body as text, in case it is no JSON.</param>
    /// <param name="requestId">The server's name of the request, from the header.</param>
    public static RestError Read(RestRequest request, int status, JsonNode? body, string? text, string? requestId)
    {
        if (Child(body, "error") is not { } error)
        {
            return new RestError { Request = request, Status = status, Message = Plain(text), RequestId = requestId };
        }

        var message = Text(Child(error, "message")) ?? Text(Child(Child(error, "message"), "value")) ?? Text(error) ?? "";
        if (message.StartsWith('{') && Text(Child(RestResponse.Parse(message), "Message")) is { } inner)
        {
            message = inner;
        }

        var activity = ActivityPattern.Match(message) is { Success: true } match ? match.Groups[1].Value : null;
        var tail = message.IndexOf(" - Operation ID (for customer support)", StringComparison.Ordinal);
        return new RestError
        {
            Request = request,
            Status = status,
            Code = Text(Child(error, "code")) is { } code ? OneLine(code) : null,
            Message = OneLine(Redaction.Hide(tail > 0 ? message[..tail] : message, request.Body)),
            ActivityId = activity,
            RequestId = requestId ?? Text(Child(Child(error, "innerError"), "request-id")),
        };
    }

    /// <summary>Method and path of a request, without the query.</summary>
    public static string Describe(RestRequest request) => $"{request.Method} {request.Path.Split('?')[0]}";

    /// <summary>The diagnostic for people.</summary>
    /// <param name="where">The resource or setting concerned.</param>
    public Diagnostic ToDiagnostic(Location where)
    {
        var problem = Status switch
        {
            401 => Problems.SignInRefused,
            403 => Problems.AccessDenied,
            408 or 429 or 502 or 503 or 504 => Problems.ServerBusy,
            _ => Problems.RequestRefused,
        };
        return problem.At(where, ToString());
    }

    /// <summary>One line: request, status, code, message and the ids that support asks for.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Describe(Request)}: {Status}");
        if (Code is { Length: > 0 } && Code != Status.ToString(CultureInfo.InvariantCulture))
        {
            text.Append(CultureInfo.InvariantCulture, $" {Code}");
        }

        text.Append(CultureInfo.InvariantCulture, $": {(Message.Length == 0 ? "the server gives no reason" : Message)}");
        if (RequestId is not null || ActivityId is not null)
        {
            var ids = new[] { RequestId is null ? null : $"request-id {OneLine(RequestId)}", ActivityId is null ? null : $"activity id {ActivityId}" };
            text.Append(CultureInfo.InvariantCulture, $" ({string.Join(", ", ids.OfType<string>())})");
        }

        return text.ToString();
    }

    private static JsonNode? Child(JsonNode? node, string name) =>
        node is JsonObject o ? o.FirstOrDefault(p => string.Equals(p.Key, name, StringComparison.OrdinalIgnoreCase)).Value : null;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The words of a page: HTTP.sys and proxies answer HTML. A body of any other kind is not shown, it may be anything.</summary>
    private static string Plain(string? text) =>
        text is not null && text.Contains('<', StringComparison.Ordinal) && TitlePattern.Match(text) is { Success: true } title
            ? $"a web page titled '{OneLine(title.Groups[1].Value)}'"
            : "";

    private static string OneLine(string text)
    {
        var line = BlankPattern.Replace(text, " ").Trim();
        return line.Length <= LongestMessage ? line : line[..LongestMessage] + "…";
    }

    [GeneratedRegex(@"Activity ID: ([0-9A-Fa-f-]{36})", RegexOptions.CultureInvariant)]
    private static partial Regex ActivityPattern { get; }

    [GeneratedRegex(@"<title[^>]*>([^<]{1,200})<", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex TitlePattern { get; }

    [GeneratedRegex(@"[\s\p{Cc}]+", RegexOptions.CultureInvariant)]
    private static partial Regex BlankPattern { get; }
}
