using System.Text.Json.Nodes;

namespace MdbDeploy.Targets.Http;

/// <summary>One request.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query, relative to the base address and escaped, or an absolute address on the same server.</param>
/// <param name="Body">JSON body; null for none.</param>
public sealed record RestRequest(HttpMethod Method, string Path, JsonNode? Body = null)
{
    /// <summary>Further headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it changes nothing on the server, so that it may be repeated at will: GET and HEAD, and a POST that only asks, such as a <c>$batch</c> of lookups.</summary>
    public bool IsRead { get; init; } = Method == HttpMethod.Get || Method == HttpMethod.Head;

    /// <summary>Whether carrying it out twice is carrying it out once, so that a write whose answer was lost is sent again. Every read is.</summary>
    public bool IsIdempotent { get => IsRead || field; init; }

    /// <summary>How many operations it stands for: the items of a <c>$batch</c>, else 1.</summary>
    public int Operations { get; init; } = 1;

    /// <summary>A GET.</summary>
    public static RestRequest Get(string path) => new(HttpMethod.Get, path);
}
