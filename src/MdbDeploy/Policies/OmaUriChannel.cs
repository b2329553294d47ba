using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Policies;

/// <summary>A CSP node with its value, as a custom profile of any MDM takes it.</summary>
/// <param name="Uri">OMA-URI.</param>
/// <param name="Format"><c>int</c>, <c>chr</c> or <c>bool</c>.</param>
/// <param name="Value">The value; <c>true</c> or <c>false</c> for bool.</param>
public sealed record OmaUri(string Uri, string Format, string Value);

/// <summary>
/// CSP nodes by OMA-URI. ADMX-backed nodes take a small XML text
/// (https://learn.microsoft.com/windows/client-management/understanding-admx-backed-policies); several settings may share one node.
/// </summary>
public static class OmaUriChannel
{
    /// <summary>Name for people.</summary>
    public const string Title = "OMA-URI";

    /// <summary>Why a value has no CSP node; null when it has one.</summary>
    public static string? Obstacle(PolicyValue value) => value.Setting switch
    {
        { Csp: null } => "there is no CSP node that an administrator can set",
        var setting when setting.Unverified.Contains("csp") => "its CSP node is not verified",
        _ => null,
    };

    /// <summary>The nodes, in the order of the settings; warnings for what cannot be expressed.</summary>
    public static Outcome<IReadOnlyList<OmaUri>> Write(IEnumerable<PolicyValue> values)
    {
        var diagnostics = new List<Diagnostic>();
        var nodes = new List<OmaUri>();
        foreach (var value in values)
        {
            if (Obstacle(value) is { } obstacle)
            {
                diagnostics.Add(Problems.SettingNotExpressible.At(Location.Of(value.Setting.Id), $"{Title} cannot set {value.Setting.Id} to {value.Word}: {obstacle}."));
                continue;
            }

            var node = value.Setting.Csp!;
            var shared = node.Format == "parts" ? nodes.FindIndex(n => n.Uri == node.Uri) : -1;
            if (shared >= 0)
            {
                nodes[shared] = nodes[shared] with { Value = $"{nodes[shared].Value}|{node.Part}={value.Value}" };
                continue;
            }

            nodes.Add(node.Format switch
            {
                "bool" => new(node.Uri, "bool", value.Value == "1" ? "true" : "false"),
                "parts" => new(node.Uri, "chr", $"{node.Part}={value.Value}"),
                "admx" => new(node.Uri, "chr", Admx(node.Part, value.Value)),
                var format => new(node.Uri, format, value.Value),
            });
        }

        return new(nodes, diagnostics);
    }

    /// <summary>Reads nodes back.</summary>
    /// <param name="nodes">Nodes with their values.</param>
    /// <param name="settings">The catalogue.</param>
    /// <param name="file">Where they stand, for messages.</param>
    public static PolicyReading Read(IEnumerable<OmaUri> nodes, ImmutableSortedDictionary<string, PolicySetting> settings, string file)
    {
        var draft = new PolicyDraft(Title);
        var byUri = settings.Values.Where(s => s.Csp is not null).ToLookup(s => Bare(s.Csp!.Uri), StringComparer.OrdinalIgnoreCase);
        foreach (var node in nodes)
        {
            var at = new Location(file, Subject: node.Uri);
            var known = byUri[Bare(node.Uri)].ToList();
            if (known.Count == 0)
            {
                draft.NotUnderstood($"'{node.Uri}' is no setting of the catalogue.", at);
            }
            else if (known[0].Csp!.Format == "parts")
            {
                ReadParts(node, known, draft, at);
            }
            else
            {
                draft.Add(known[0], Canonical(known[0], node.Value), at);
            }
        }

        return draft.Finish();
    }

    /// <summary>A custom profile of Intune (https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-windows10customconfiguration).</summary>
    /// <param name="name">Name of the profile.</param>
    /// <param name="nodes">The nodes.</param>
    public static JsonObject ToProfile(string name, IEnumerable<OmaUri> nodes) => new()
    {
        ["@odata.type"] = "#microsoft.graph.windows10CustomConfiguration",
        ["displayName"] = name,
        ["omaSettings"] = ToSettings(nodes),
    };

    /// <summary>The <c>omaSettings</c> of a custom profile.</summary>
    /// <param name="nodes">The nodes.</param>
    public static JsonArray ToSettings(IEnumerable<OmaUri> nodes) => new([.. nodes.Select(node => (JsonNode)new JsonObject
    {
        ["@odata.type"] = node.Format switch { "int" => "#microsoft.graph.omaSettingInteger", "bool" => "#microsoft.graph.omaSettingBoolean", _ => "#microsoft.graph.omaSettingString" },
        ["displayName"] = node.Uri.Split('/')[^1],
        ["omaUri"] = node.Uri,
        ["value"] = node.Format switch { "int" => int.Parse(node.Value, NumberStyles.None, CultureInfo.InvariantCulture), "bool" => node.Value == "true", _ => node.Value },
    })]);

    /// <summary>Reads the nodes of a custom profile; null when it is none.</summary>
    public static IReadOnlyList<OmaUri>? FromProfile(JsonObject profile) =>
        profile["omaSettings"] is JsonArray settings
            ? [.. settings.OfType<JsonObject>().Select(node => new OmaUri(JsonRead.Text(node, "omaUri") ?? "", node["value"]?.GetValueKind() switch
            {
                System.Text.Json.JsonValueKind.Number => "int",
                System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "bool",
                _ => "chr",
            }, JsonRead.Text(node, "value") ?? ""))]
            : null;

    private static void ReadParts(OmaUri node, List<PolicySetting> known, PolicyDraft draft, Location at)
    {
        foreach (var part in node.Value.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (known.Find(s => string.Equals(s.Csp!.Part, pair[0], StringComparison.OrdinalIgnoreCase)) is { } setting)
            {
                draft.Add(setting, pair.ElementAtOrDefault(1), at);
            }
            else
            {
                draft.NotUnderstood($"'{part}' of '{node.Uri}' is no setting of the catalogue.", at);
            }
        }
    }

    private static string? Canonical(PolicySetting setting, string value) => setting.Csp!.Format switch
    {
        "bool" => value.ToLowerInvariant() switch { "true" or "1" => "1", "false" or "0" => "0", _ => null },
        "admx" => FromAdmx(setting.Csp.Part, value),
        _ => value,
    };

    private static string Admx(string? element, string value) => element is null
        ? value == "1" ? "<enabled/>" : "<disabled/>"
        : $"<enabled/>{new XElement("data", new XAttribute("id", element), new XAttribute("value", value)).ToString(SaveOptions.DisableFormatting)}";

    private static string? FromAdmx(string? element, string text)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader($"<policy>{text}</policy>"), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var policy = XDocument.Load(reader).Root!;
            var enabled = policy.Element("enabled") is not null;
            return element is null
                ? enabled ? "1" : policy.Element("disabled") is not null ? "0" : null
                : enabled ? policy.Elements("data").FirstOrDefault(data => (string?)data.Attribute("id") == element)?.Attribute("value")?.Value : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    // The scope may be written or left out: ./Vendor/MSFT is ./Device/Vendor/MSFT.
    private static string Bare(string uri)
    {
        var trimmed = uri.Trim();
        return trimmed.StartsWith("./Device/", StringComparison.OrdinalIgnoreCase) ? $"./{trimmed[9..]}" : trimmed;
    }
}
