using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.OData;

/// <summary>The query options of a request: <c>$filter</c>, <c>$select</c>, <c>$expand</c>, <c>$orderby</c>, <c>$top</c>, <c>$skip</c>, <c>$count</c>, <c>$skiptoken</c>.</summary>
internal sealed record ODataQuery(ImmutableArray<KeyValuePair<string, string>> Options)
{
    public string? this[string name] => Options.FirstOrDefault(o => string.Equals(o.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Names in a comma-separated option.</summary>
    public string[] List(string name) => this[name]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    public static ODataQuery Parse(string query) =>
        new([.. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair =>
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            return equals < 0
                ? KeyValuePair.Create(Decode(pair), "")
                : KeyValuePair.Create(Decode(pair[..equals]), Decode(pair[(equals + 1)..]));
        })]);

    /// <summary>A whole number from 1, or an error. A missing option is null.</summary>
    public int? Number(string name) =>
        this[name] is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ODataException($"Invalid value '{text}' for {name} query option found. The {name} query option requires a non-negative integer value.");

    /// <summary>Where the page begins that a next link asked for.</summary>
    public int Offset()
    {
        if (this["$skiptoken"] is not { } token)
        {
            return 0;
        }

        try
        {
            return int.Parse(Encoding.ASCII.GetString(Convert.FromBase64String(token)), NumberStyles.None, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            throw new ODataException("Skip token is not valid.");
        }
    }

    /// <summary>The query of the next page's link.</summary>
    public string NextPage(int offset)
    {
        var options = Options.Where(o => !string.Equals(o.Key, "$skiptoken", StringComparison.OrdinalIgnoreCase))
            .Append(KeyValuePair.Create("$skiptoken", Convert.ToBase64String(Encoding.ASCII.GetBytes(offset.ToString(CultureInfo.InvariantCulture)))));
        return string.Join('&', options.Select(o => $"{o.Key}={Uri.EscapeDataString(o.Value)}"));
    }

    /// <summary>The rows that $filter and $orderby leave, in order.</summary>
    public IEnumerable<JsonObject> Apply(IEnumerable<JsonObject> rows)
    {
        if (this["$filter"] is { } filter)
        {
            var parsed = ODataFilter.Parse(filter);
            rows = rows.Where(parsed.Matches);
        }

        IOrderedEnumerable<JsonObject>? ordered = null;
        foreach (var key in List("$orderby"))
        {
            var words = key.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var descending = words is [_, "desc"];
            object? By(JsonObject row) => ODataValue.Of(ODataFilter.Find(row, words[0]));
            ordered = (ordered, descending) switch
            {
                (null, false) => rows.OrderBy(By, ODataValue.Comparer),
                (null, true) => rows.OrderByDescending(By, ODataValue.Comparer),
                (_, false) => ordered.ThenBy(By, ODataValue.Comparer),
                (_, true) => ordered.ThenByDescending(By, ODataValue.Comparer),
            };
        }

        return ordered ?? rows;
    }

    /// <summary>The row with the properties of $select only; annotations stay.</summary>
    public JsonObject Select(JsonObject row)
    {
        var wanted = List("$select");
        var result = row.DeepClone().AsObject();
        if (wanted.Length > 0 && !wanted.Contains("*"))
        {
            foreach (var name in result.Select(p => p.Key)
                         .Where(n => !n.StartsWith('@') && !wanted.Any(w => string.Equals(w.Split('/')[0], n.Split('@')[0], StringComparison.OrdinalIgnoreCase)))
                         .ToList())
            {
                result.Remove(name);
            }
        }

        return result;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

/// <summary>A query option that cannot be read.</summary>
internal sealed class ODataException(string message) : Exception(message);
