using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>One answer, whatever its status.</summary>
/// <param name="Request">The request it answers.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body as JSON; null when it is empty or no JSON.</param>
/// <param name="Text">The body as text. May hold secrets: never shown.</param>
/// <param name="Headers">Headers, names without regard to case, several values joined with a comma.</param>
public sealed record RestResponse(RestRequest Request, int Status, JsonNode? Body, string Text, IReadOnlyDictionary<string, string> Headers)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>A header; null when it is absent.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The body as a JSON object.</summary>
    /// <exception cref="TargetException">It is none, for example a proxy's HTML page.</exception>
    public JsonObject AsObject() => Body as JsonObject ?? throw new TargetException(Problems.AnswerUnreadable.At(
        Location.None, $"{RestError.Describe(Request)}: status {Status.ToString(CultureInfo.InvariantCulture)} with a body that is not a JSON object ({Header("Content-Type") ?? "no content type"})."));

    /// <summary>This answer when it is a success.</summary>
    /// <exception cref="RefusedException">It is an error; the diagnostic holds the server's words.</exception>
    public RestResponse EnsureSuccess() => IsSuccess ? this : throw new RefusedException(RestError.Read(this));

    /// <summary>How long the server asks to wait: <c>Retry-After</c> as seconds or as an HTTP date (RFC 9110 §10.2.3). Null when it does not say, or names the past.</summary>
    /// <param name="header">Value of the header.</param>
    /// <param name="now">The time.</param>
    public static TimeSpan? RetryAfter(string? header, DateTimeOffset now)
    {
        TimeSpan? delay =
            double.TryParse(header, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && !double.IsNaN(seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, 1e9))
            : DateTimeOffset.TryParseExact(header, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date - now
            : null;
        return delay > TimeSpan.Zero ? delay : null;
    }

    /// <summary>A body as JSON; null when it is empty or no JSON.</summary>
    internal static JsonNode? Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text, documentOptions: Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
