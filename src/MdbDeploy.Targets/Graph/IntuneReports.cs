using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.Graph;

/// <summary>
/// Reports of Intune: <c>POST /beta/deviceManagement/reports/NAME</c>, which reads though it is a POST. The answer is a table that describes itself (<c>TotalRowCount</c>, <c>Schema</c>,
/// <c>Values</c>), sent as application/octet-stream; columns come in an order of the service's own (learn.microsoft.com/graph/api/resources/intune-reporting-devicemanagementreports).
/// </summary>
internal static class IntuneReports
{
    private const int PageSize = 500;

    /// <summary>Reads a report to its last page.</summary>
    /// <param name="graph">Client of Graph.</param>
    /// <param name="report">Name of the report, for example <c>getUnhealthyDefenderAgentsReport</c>.</param>
    /// <param name="columns">Columns to ask for; the first one orders the pages.</param>
    /// <param name="filter">Filter; null for all rows.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="TargetException">A page could not be read.</exception>
    public static async IAsyncEnumerable<ReportRow> ReadAsync(
        RestClient graph, string report, IReadOnlyList<string> columns, string? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var read = 0; ;)
        {
            var body = new JsonObject { ["select"] = Names(columns), ["orderBy"] = Names(columns.Take(1)), ["skip"] = read, ["top"] = PageSize };
            if (filter is not null)
            {
                body["filter"] = filter;
            }

            var request = new RestRequest(HttpMethod.Post, $"deviceManagement/reports/{report}", body) { IsRead = true };
            var page = (await graph.SendAsync(request, cancellationToken)).EnsureSuccess().AsObject();
            if (page["Schema"] is not JsonArray schema || page["Values"] is not JsonArray rows)
            {
                throw new TargetException(Problems.AnswerUnreadable.At(Location.None, $"{RestError.Describe(request)}: the answer is no table."));
            }

            var places = schema.Select((column, place) => (Name: Json.Text(column?["Column"]), place)).Where(c => c.Name is not null).DistinctBy(c => c.Name).ToDictionary(c => c.Name!, c => c.place, StringComparer.OrdinalIgnoreCase);
            foreach (var row in rows.OfType<JsonArray>())
            {
                yield return new ReportRow(places, row);
            }

            read += rows.Count;
            if (rows.Count == 0 || !(page["TotalRowCount"] is JsonValue total && total.TryGetValue<int>(out var count) && read < count))
            {
                yield break;
            }
        }
    }

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(n => (JsonNode)n)];
}

/// <summary>A row of a report. A column that is missing is as one without a value.</summary>
internal readonly struct ReportRow(IReadOnlyDictionary<string, int> places, JsonArray values)
{
    private JsonNode? this[string column] => places.TryGetValue(column, out var place) && place < values.Count ? values[place] : null;

    /// <summary>A value as text; null when it is empty.</summary>
    public string? Text(string column) => this[column]?.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>A time.</summary>
    public DateTimeOffset? Time(string column) => Json.Time(this[column]);

    /// <summary>Whether a value is true, in whatever way: a truth value, a number, a word.</summary>
    public bool? Flag(string column) => this[column] switch
    {
        { } node when node.GetValueKind() is JsonValueKind.True or JsonValueKind.False => node.GetValueKind() == JsonValueKind.True,
        { } node when bool.TryParse(node.ToString(), out var flag) => flag,
        { } node when int.TryParse(node.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number != 0,
        _ => null,
    };
}
