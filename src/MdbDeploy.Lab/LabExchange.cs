using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Lab.OData;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MdbDeploy.Lab;

/// <summary>A request as the simulated services see it, whether it came over the wire or inside a $batch.</summary>
internal sealed record LabRequest
{
    /// <summary>GET, POST, PATCH, PUT or DELETE.</summary>
    public required string Method { get; init; }

    /// <summary>Scheme, host and port, without a slash at the end.</summary>
    public required string Origin { get; init; }

    /// <summary>Path, percent-decoded, without the query.</summary>
    public required string Path { get; init; }

    /// <summary>The path in pieces, see <see cref="ODataPath"/>.</summary>
    public required string[] Segments { get; init; }

    /// <summary>The query options.</summary>
    public required ODataQuery Query { get; init; }

    /// <summary>Headers by case-insensitive name.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The body's bytes.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whether it came inside a $batch.</summary>
    public bool InBatch { get; init; }

    /// <summary>The body as a JSON object; null when it is none. A property that occurs twice is malformed, as it is for the real services.</summary>
    public JsonObject? ReadObject()
    {
        try
        {
            return JsonNode.Parse(Content.Span, null, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public static async Task<LabRequest> ReadAsync(HttpContext context)
    {
        var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content, context.RequestAborted);
        // The raw target, because Kestrel's Path has lost the difference between a slash and an encoded one.
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        return Create(
            context.Request.Method,
            $"{context.Request.Scheme}://{context.Request.Host.Value}",
            target,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            content.ToArray());
    }

    public static LabRequest Create(string method, string origin, string target, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> content)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = Uri.UnescapeDataString(question < 0 ? target : target[..question]);
        return new LabRequest
        {
            Method = method,
            Origin = origin,
            Path = path,
            Segments = ODataPath.Split(path),
            Query = ODataQuery.Parse(question < 0 ? "" : target[(question + 1)..]),
            Headers = headers,
            Content = content,
        };
    }
}

/// <summary>The answer to a request.</summary>
internal sealed record LabAnswer(int Status, JsonNode? Body = null)
{
    /// <summary>Headers beyond Content-Type.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>A body that is not JSON, with its media type.</summary>
    public (string MediaType, string Text)? Text { get; init; }

    /// <summary>Cut the connection instead of answering.</summary>
    public bool Abort { get; init; }

    public LabAnswer With(string header, string value) =>
        this with { Headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase) { [header] = value } };

    public async Task WriteAsync(HttpContext context)
    {
        if (Abort)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (Text is { } text)
        {
            context.Response.ContentType = text.MediaType;
            await context.Response.WriteAsync(text.Text, context.RequestAborted);
        }
        else if (Body is not null)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(Body.ToJsonString(), context.RequestAborted);
        }
    }
}
