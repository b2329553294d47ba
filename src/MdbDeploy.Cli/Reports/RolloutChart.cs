using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Planning;
using MdbDeploy.Targets.Status;

namespace MdbDeploy.Cli.Reports;

/// <summary>The roll-out over time: a line per ring, from the history of <c>status</c>. Nothing is drawn between what was measured and what was not.</summary>
internal static class RolloutChart
{
    private const double Left = 46, Right = 830, Top = 14, Bottom = 216;

    /// <summary>How many points a line has at most; of more runs some are left out.</summary>
    private const int MostPoints = 200;

    // Told apart without colour.
    private static readonly string[] Dashes = ["", "8 5", "2 4", "12 4 2 4", "5 2", "1 3"];

    /// <summary>The model of the chart; null with fewer than two runs.</summary>
    public static JsonObject? Of(ImmutableArray<PlannedRing> rings, ImmutableArray<StatusRun> runs)
    {
        if (runs.Length < 2 || runs[^1].Time <= runs[0].Time)
        {
            return null;
        }

        var step = (runs.Length + MostPoints - 1) / MostPoints;
        var points = runs.Where((_, i) => (runs.Length - 1 - i) % step == 0).ToList();
        var (from, to) = (points[0].Time, points[^1].Time);
        var labels = new List<double>();
        return new JsonObject
        {
            ["from"] = Day(from),
            ["to"] = Day(to),
            ["lines"] = new JsonArray([.. rings.Where(r => r.Devices > 0).Select((ring, i) =>
            {
                var values = points.Select(run => (run.Time, Share: Share(run, ring.Name))).Where(p => p.Share is not null).ToList();
                if (values.Count == 0)
                {
                    return null;
                }

                // Names at the ends of lines must not lie on each other.
                var at = Y(values[^1].Share!.Value);
                while (labels.Exists(other => Math.Abs(other - at) < 15))
                {
                    at += 15;
                }

                labels.Add(at);
                return (JsonNode?)new JsonObject
                {
                    ["ring"] = ring.Name,
                    ["dash"] = Dashes[i % Dashes.Length],
                    ["points"] = string.Join(' ', values.Select(p => $"{Round(X(p.Time))},{Round(Y(p.Share!.Value))}")),
                    ["label_y"] = Round(at + 4),
                    ["now"] = string.Create(CultureInfo.InvariantCulture, $"{100 * values[^1].Share!.Value:0}%"),
                };
            }).OfType<JsonNode>()]),
            ["rows"] = new JsonArray([.. points.TakeLast(12).Select(run => (JsonNode)new JsonObject
            {
                ["time"] = Day(run.Time),
                ["cells"] = new JsonArray([.. rings.Where(r => r.Devices > 0).Select(ring => (JsonNode?)(run.Of(ring.Name) is var (onboarded, planned) && planned > 0 ? string.Create(CultureInfo.InvariantCulture, $"{onboarded:N0} of {planned:N0}") : ""))]),
            })]),
            ["rings"] = new JsonArray([.. rings.Where(r => r.Devices > 0).Select(r => (JsonNode?)r.Name)]),
        };

        double X(DateTimeOffset time) => Left + ((Right - Left) * ((time - from) / (to - from)));
    }

    private static double Y(double share) => Bottom - ((Bottom - Top) * share);

    private static double? Share(StatusRun run, string ring) => run.Of(ring) is var (onboarded, planned) && planned > 0 ? (double)onboarded / planned : null;

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Round(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
