using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Lab.OData;

namespace MdbDeploy.Lab.Graph;

/// <summary>Answers that hold objects: one of them, or a page of a list with the link to the next one (learn.microsoft.com/graph/paging).</summary>
internal static class GraphPage
{
    /// <summary>A page of a list: filtered, ordered, selected.</summary>
    /// <param name="request">The request with its options.</param>
    /// <param name="set">Name of the list in the context.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="pageSize">Size of a page when $top does not say.</param>
    /// <param name="largest">Largest $top.</param>
    public static LabAnswer List(LabRequest request, string set, IEnumerable<JsonObject> rows, int pageSize, int largest)
    {
        var query = request.Query;
        var size = query.Number("$top") ?? pageSize;
        if (size < 1 || size > largest)
        {
            throw new ODataException($"Invalid page size specified: '{size}'. Must be between 1 and {largest} inclusive.");
        }

        var offset = query.Offset();
        var isWhole = query["$count"] == "true";
        // One more than the page tells whether another follows; making rows that nobody sees would take most of the time of a long list.
        var found = isWhole ? query.Apply(rows).ToList() : query.Apply(rows).Skip(offset).Take(size + 1).ToList();
        var page = (isWhole ? found.Skip(offset) : found).Take(size).Select(query.Select);
        var body = new JsonObject { ["@odata.context"] = Context(request, set) };
        if (isWhole)
        {
            body["@odata.count"] = found.Count;
        }

        if (found.Count - (isWhole ? offset : 0) > size)
        {
            var path = Uri.EscapeDataString(request.Path).Replace("%2F", "/", StringComparison.Ordinal);
            body["@odata.nextLink"] = $"{request.Origin}{path}?{query.NextPage(offset + size)}";
        }

        body["value"] = new JsonArray([.. page]);
        return new LabAnswer(200, body);
    }

    /// <summary>One object.</summary>
    public static LabAnswer Single(LabRequest request, string set, JsonObject row, int status = 200)
    {
        var body = new JsonObject { ["@odata.context"] = Context(request, $"{set}/$entity") };
        foreach (var (name, value) in request.Query.Select(row))
        {
            body[name] = value?.DeepClone();
        }

        return new LabAnswer(status, body);
    }

    /// <summary>The number alone, as text.</summary>
    public static LabAnswer Count(LabRequest request, IEnumerable<JsonObject> rows) =>
        new(200) { Text = ("text/plain", request.Query.Apply(rows).Count().ToString(CultureInfo.InvariantCulture)) };

    private static string Context(LabRequest request, string set) => $"{request.Origin}/{request.Segments[0]}/$metadata#{set}";
}
