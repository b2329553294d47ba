using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Rendering;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>
/// The REST face of the SMS provider with its habits (learn.microsoft.com/intune/configmgr/develop/adminservice/usage): a keyed read comes in an array and is the only one that fills lazy
/// properties, names of properties differ in case between classes and versions, an action answers 201 whatever came of it, and what the account may not see
/// is not there.
/// </summary>
internal sealed class AdminService(RestClient http)
{
    /// <summary>Reads at a time. The provider bears 200 requests per client, but works on them one after the other; writes are four at a time already.</summary>
    private const int AtATime = 4;

    private static readonly JsonNodeOptions IgnoreCase = new() { PropertyNameCaseInsensitive = true };

    /// <summary>Reads an instance by its key, lazy properties included; null when there is none or this account may not see it.</summary>
    /// <param name="collection">Path of the class, for example <c>wmi/SMS_Collection</c>.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TargetException">It cannot be read.</exception>
    public async Task<JsonObject?> ReadAsync(string collection, string key, CancellationToken cancellationToken)
    {
        var answer = await http.SendAsync(RestRequest.Get(Keyed(collection, key)), cancellationToken);
        return answer.Status == 404 && !IsDenied(answer) ? null : Succeeded(answer).AsObject()["value"] is JsonArray { Count: > 0 } rows ? Fold(rows[0]) as JsonObject : null;
    }

    /// <summary>Reads something of each item, a few at a time, and returns the results in the items' order.</summary>
    public static async Task<T[]> EachAsync<TItem, T>(IReadOnlyList<TItem> items, Func<TItem, Task<T>> read, CancellationToken cancellationToken)
    {
        var results = new T[items.Count];
        await Parallel.ForAsync(0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
            async (index, _) => results[index] = await read(items[index]));
        return results;
    }

    /// <summary>Lists instances, all pages, without lazy properties.</summary>
    /// <param name="collection">Path of the class.</param>
    /// <param name="filter">OData filter, not escaped; null for all.</param>
    /// <param name="select">Properties wanted; left out when the server does not know one of them. Empty for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TargetException">A page cannot be read.</exception>
    public async Task<List<JsonObject>> ListAsync(string collection, string? filter, IReadOnlyList<string> select, CancellationToken cancellationToken)
    {
        var options = new List<string>();
        if (filter is not null)
        {
            options.Add($"$filter={Uri.EscapeDataString(filter)}");
        }

        if (select.Count > 0)
        {
            options.Add($"$select={string.Join(',', select)}");
        }

        var rows = new List<JsonObject>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var path = options.Count == 0 ? collection : $"{collection}?{string.Join('&', options)}"; path is not null && seen.Add(path);)
        {
            var answer = await http.SendAsync(RestRequest.Get(path), cancellationToken);
            if (answer.Status is 400 or 404 && select.Count > 0 && rows.Count == 0 && !IsDenied(answer))
            {
                return await ListAsync(collection, filter, [], cancellationToken);
            }

            var page = (JsonObject)Fold(Succeeded(answer).AsObject())!;
            rows.AddRange((page["value"] as JsonArray ?? []).OfType<JsonObject>());
            // The client refuses a link to another server, which would be given our token.
            path = page["@odata.nextLink"]?.ToString();
        }

        return rows;
    }

    /// <summary>Creates, replaces or changes an instance.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path.</param>
    /// <param name="body">Body.</param>
    /// <param name="cancellationToken">Ends the waiting before it, never the request itself.</param>
    /// <returns>The instance answered, empty when the server answers none.</returns>
    /// <exception cref="TargetException">The server refused it, or its answer was lost.</exception>
    public Task<JsonObject> WriteAsync(HttpMethod method, string path, JsonObject body, CancellationToken cancellationToken) =>
        WriteAsync(new RestRequest(method, path, body), cancellationToken);

    /// <summary>Creates, replaces or changes an instance.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the waiting before it, never the request itself.</param>
    /// <returns>The instance answered, empty when the server answers none.</returns>
    /// <exception cref="TargetException">The server refused it, or its answer was lost.</exception>
    public async Task<JsonObject> WriteAsync(RestRequest request, CancellationToken cancellationToken) =>
        Fold(Succeeded(await http.SendAsync(request, cancellationToken)).Body) as JsonObject ?? [];

    /// <summary>Deletes an instance; one that is gone already is deleted.</summary>
    /// <exception cref="TargetException">The server refused it, or its answer was lost.</exception>
    public async Task DeleteAsync(string collection, string key, CancellationToken cancellationToken)
    {
        var answer = await http.SendAsync(new RestRequest(HttpMethod.Delete, Keyed(collection, key)), cancellationToken);
        if (answer.Status != 404)
        {
            Succeeded(answer);
        }
    }

    /// <summary>Carries out an action of an instance and looks at what it returned: 201 says nothing.</summary>
    /// <param name="collection">Path of the class.</param>
    /// <param name="key">Key of the instance.</param>
    /// <param name="action">Name of the action.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="cancellationToken">Ends the waiting before it, never the request itself.</param>
    /// <exception cref="TargetException">The server refused it, the action failed, or its answer was lost.</exception>
    public Task InvokeAsync(string collection, string key, string action, JsonObject parameters, CancellationToken cancellationToken) =>
        InvokeAsync($"{Keyed(collection, key)}/AdminService.{action}", parameters, cancellationToken);

    /// <summary>Carries out an action, static or of an instance, and looks at what it returned.</summary>
    /// <param name="path">Path of the action.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="cancellationToken">Ends the waiting before it, never the request itself.</param>
    /// <exception cref="TargetException">The server refused it, the action failed, or its answer was lost.</exception>
    public async Task InvokeAsync(string path, JsonObject parameters, CancellationToken cancellationToken)
    {
        var answer = await WriteAsync(HttpMethod.Post, path, parameters, cancellationToken);
        if (answer["ReturnValue"]?.ToString() is { } value and not "0")
        {
            throw new TargetException(Problems.ActionFailed.At(Location.None, $"POST {path}: the SMS provider returned {value} instead of 0."));
        }
    }

    /// <summary>A text as OData string: in quotes, quotes inside doubled.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Path of an instance. Quotes in the key are doubled and the whole is percent-encoded.</summary>
    public static string Keyed(string collection, string key) => $"{collection}('{Escaping.OData(key)}')";

    /// <summary>The instances of an answer; empty when it holds none.</summary>
    /// <exception cref="TargetException">It is no JSON object.</exception>
    internal static IReadOnlyList<JsonObject> Rows(RestResponse answer) => [.. ((Fold(answer.AsObject()) as JsonObject)!["value"] as JsonArray ?? []).OfType<JsonObject>()];

    /// <summary>An answer that is a success.</summary>
    /// <exception cref="TargetException">It is an error, told in the words of this service.</exception>
    internal static RestResponse Succeeded(RestResponse answer) => answer.Status switch
    {
        401 => throw new TargetException(Problems.SignInRefused.At(Location.None, $"{Words(answer)}. The token was refused: it must be of an administrative user whom the site discovered, for the site's server application.")),
        404 when IsDenied(answer) => throw new TargetException(Problems.AccessDenied.At(
            Location.None, $"{Words(answer)}. The account is not an administrative user of the site, or its security role may not read this class.")),
        404 => throw new TargetException(Problems.NotVisible.At(Location.None, $"{Words(answer)}.")),
        _ => answer.EnsureSuccess(),
    };

    private static string Words(RestResponse answer) => RestError.Read(answer).ToString().TrimEnd('.');

    // Recorded from a site, two blanks included: {"error":{"code":"404","message":"Access denied  WMI QUERY: "}} (MSEndpointMgr/ModernDriverManagement issue 179).
    private static bool IsDenied(RestResponse answer) =>
        answer.Status == 404 && RestError.Read(answer).Message.StartsWith("Access denied", StringComparison.OrdinalIgnoreCase);

    /// <summary>The same JSON with property names that are found in any case, and without the noise around each instance. Values are moved, not copied: a list has many thousands of rows.</summary>
    private static JsonNode? Fold(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                var properties = map.ToList();
                map.Clear();
                var folded = new JsonObject(IgnoreCase);
                foreach (var (name, value) in properties.Where(p => !p.Key.StartsWith("__", StringComparison.Ordinal)))
                {
                    folded[name] = Fold(value);
                }

                return folded;
            case JsonArray list:
                for (var index = 0; index < list.Count; index++)
                {
                    var item = list[index];
                    list[index] = null;
                    list[index] = Fold(item);
                }

                return list;
            default:
                return node;
        }
    }
}
