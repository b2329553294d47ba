using System.Globalization;
using System.Text.Json.Nodes;
using Scriban;
using Scriban.Runtime;

namespace MdbDeploy.Rendering;

/// <summary>The functions that templates have: Scriban's pure ones, and ours. Nothing that reads a clock, a random source or the machine.</summary>
internal static class SafeBuiltins
{
    /// <summary>A new set for one rendering, so that no template can change another's.</summary>
    public static ScriptObject Create()
    {
        var functions = (ScriptObject)TemplateContext.GetDefaultBuiltinObject()!;
        Without(functions, "date", "now", "utc_now");
        Without(functions, "math", "uuid", "random");
        Without(functions, "object", "eval", "eval_template");
        functions.Import("raw", (object? value) => new RawText(value switch
        {
            SecretText => throw new ArgumentException("a secret cannot be written raw"),
            RawText raw => raw.Text,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        }));
        functions.Import("json", (object? value) => new RawText(ToJson(value)?.ToJsonString(JsonText.Compact) ?? "null"));
        functions.Import("script_json", (object? value) => new RawText(ToJson(value)?.ToJsonString(JsonText.ForScript) ?? "null"));
        functions.Import("wql", (string? text) => Escaping.Wql(text ?? ""));
        functions.Import("odata", (string? text) => Escaping.OData(text ?? ""));
        functions.Import("ldap", (string? text) => Escaping.Ldap(text ?? ""));
        functions.Import("chunk", Chunk);
        functions.Import("buckets", Buckets);
        return functions;
    }

    private static void Without(ScriptObject functions, string group, params ReadOnlySpan<string> names)
    {
        // The groups are shared between contexts: copy before taking something out.
        var copy = new ScriptObject();
        foreach (var (name, function) in (ScriptObject)functions[group]!)
        {
            if (!names.Contains(name))
            {
                copy.SetValue(name, function, readOnly: true);
            }
        }

        functions.SetValue(group, copy, readOnly: true);
    }

    private static ScriptArray Chunk(System.Collections.IEnumerable items, int size) =>
        size < 1 ? throw new ArgumentException("chunk needs a size of at least 1")
        : [.. items.Cast<object?>().Chunk(size).Select(part => new ScriptArray(part))];

    /// <summary>Devices in buckets by the hash of their names: <c>{ bits, items }</c>. 7,000 characters of names leave a query below 8 KB.</summary>
    private static ScriptArray Buckets(System.Collections.IEnumerable devices, int size) =>
        size < 1 ? throw new ArgumentException("buckets needs a size of at least 1")
        : [.. NameBuckets.Divide(devices.Cast<ScriptObject>(), d => Escaping.Wql((string?)d["name"] ?? ""), size, 7000)
            .Select(b => new ScriptObject { ["bits"] = b.Bits, ["items"] = new ScriptArray(b.Items) })];

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag,
        int number => number,
        long number => number,
        double number => number,
        SecretText => throw new ArgumentException("a secret cannot be written with json"),
        ScriptObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, ToJson(pair.Value)))),
        System.Collections.IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(ToJson)]),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
