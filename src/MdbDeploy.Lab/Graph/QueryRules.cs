using System.Text.Json.Nodes;
using MdbDeploy.Lab.OData;

namespace MdbDeploy.Lab.Graph;

/// <summary>What directory objects can be asked (learn.microsoft.com/graph/aad-advanced-queries).</summary>
internal static class DirectoryQuery
{
    private static readonly string[] Advanced = ["ne", "not", "endswith"];

    /// <summary>Refuses what the directory refuses.</summary>
    /// <param name="request">The request.</param>
    /// <param name="row">An object with all properties of the type.</param>
    /// <param name="type">Name of the type.</param>
    public static void Check(LabRequest request, JsonObject row, string type)
    {
        PropertyNames.Check(request, row, type);
        if (request.Query["$skip"] is not null)
        {
            throw GraphException.Directory("'$skip' is not supported by the service.");
        }

        if (request.Query["$filter"] is not { } filter)
        {
            return;
        }

        var parsed = ODataFilter.Parse(filter);
        if (parsed.Operators.Contains("contains"))
        {
            throw new GraphException(400, "Request_UnsupportedQuery", "Unsupported Query.");
        }

        if (parsed.Operators.Any(o => Advanced.Contains(o)) || request.Query["$orderby"] is not null)
        {
            RequireEventual(request);
            if (request.Query["$count"] != "true")
            {
                throw new GraphException(400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified: $count=true is required for advanced queries.");
            }
        }
    }

    /// <summary>Counting and advanced filters go to another index, which must be asked for.</summary>
    public static void RequireEventual(LabRequest request)
    {
        if (!string.Equals(request.Header("ConsistencyLevel"), "eventual", StringComparison.OrdinalIgnoreCase))
        {
            throw GraphException.Directory("The query requires the header ConsistencyLevel: eventual.");
        }
    }
}

/// <summary>What Intune objects can be asked.</summary>
internal static class IntuneQuery
{
    /// <summary>Refuses a property that does not exist or cannot be filtered by.</summary>
    public static void Check(LabRequest request, JsonObject row, string[] filterable, string type)
    {
        PropertyNames.Check(request, row, type);
        if (request.Query["$filter"] is { } filter
            && ODataFilter.Parse(filter).Properties.FirstOrDefault(p => !filterable.Contains(p, StringComparer.OrdinalIgnoreCase)) is { } other)
        {
            throw GraphException.BadRequest($"Filtering by '{other}' is not supported.");
        }
    }
}

/// <summary>Names in $filter, $select and $orderby.</summary>
internal static class PropertyNames
{
    /// <summary>Refuses names that the type does not have.</summary>
    public static void Check(LabRequest request, JsonObject row, string type)
    {
        var names = request.Query.List("$select").Where(n => n != "*")
            .Concat(request.Query.List("$orderby").Select(n => n.Split(' ')[0]))
            .Concat(request.Query["$filter"] is { } filter ? ODataFilter.Parse(filter).Properties : []);
        if (names.Select(n => n.Split('/')[0]).FirstOrDefault(n => !row.Any(p => string.Equals(p.Key, n, StringComparison.OrdinalIgnoreCase))) is { } unknown)
        {
            throw GraphException.BadRequest($"Could not find a property named '{unknown}' on type 'microsoft.graph.{type}'.");
        }
    }
}
