using System.Collections;
using System.Text.Json.Nodes;
using Microsoft.Graph.DeviceManagement.DeviceConfigurations.Item.Assign;
using Microsoft.Graph.Models;
using Microsoft.Kiota.Abstractions.Serialization;
using Microsoft.Kiota.Serialization.Json;

namespace MdbDeploy.Tests.Rendering;

/// <summary>What goes to v1.0 of Graph against Microsoft's own client: every property of a rendered body is one that its models know.</summary>
public class GraphSdkTests
{
    private static readonly string Baselines = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines");

    public static TheoryData<string> Bodies => [.. Directory.EnumerateFiles(Baselines, "*.json", SearchOption.AllDirectories)
        .Where(file => Read(file) is { } resource && resource["path"]?.ToString() is { } path && resource["body"] is JsonObject && (path.StartsWith("/v1.0/", StringComparison.Ordinal) || path == "groups"))
        .Select(file => Path.GetRelativePath(Baselines, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_for_v1_0_leaves_nothing_over_that_the_models_do_not_know(string file)
    {
        var resource = Read(Path.Combine(Baselines, file))!;
        var (path, body) = (resource["path"]!.ToString(), resource["body"]!.ToJsonString());
        IParsable model = path == "groups" ? await ReadAsync(body, Group.CreateFromDiscriminatorValue)
            : path.EndsWith("/assign", StringComparison.Ordinal) ? await ReadAsync(body, AssignPostRequestBody.CreateFromDiscriminatorValue)
            : await ReadAsync(body, DeviceConfiguration.CreateFromDiscriminatorValue);
        var unknown = new List<string>();
        Unknown(model, "", unknown, []);
        unknown.ShouldBeEmpty();

        // What the models write again says the same; they add the types of what is of one type only.
        using var writer = new JsonSerializationWriter();
        writer.WriteObjectValue(null, model);
        using var text = new StreamReader(writer.GetSerializedContent());
        Sorted(JsonNode.Parse(await text.ReadToEndAsync(TestContext.Current.CancellationToken)))!.ToJsonString().ShouldBe(Sorted(resource["body"])!.ToJsonString());
    }

    [Fact]
    public void There_are_groups_profiles_and_assignments_among_them() => Bodies.Count.ShouldBeGreaterThan(12);

    [Fact]
    public async Task A_property_that_does_not_exist_is_found()
    {
        var model = await ReadAsync("""{"@odata.type":"#microsoft.graph.windows10CustomConfiguration","displayName":"x","omaSettings":[{"@odata.type":"#microsoft.graph.omaSettingString","wert":"1"}]}""", DeviceConfiguration.CreateFromDiscriminatorValue);
        var unknown = new List<string>();
        Unknown(model, "", unknown, []);
        unknown.ShouldBe(["/OmaSettings/wert"]);
    }

    private static async Task<T> ReadAsync<T>(string body, ParsableFactory<T> factory)
        where T : class, IParsable
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(body));
        var node = await new JsonParseNodeFactory().GetRootParseNodeAsync("application/json", stream, TestContext.Current.CancellationToken);
        return node.GetObjectValue(factory).ShouldNotBeNull();
    }

    private static JsonObject? Read(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>Additional data of a model and of all models in it.</summary>
    private static void Unknown(object model, string path, List<string> found, HashSet<object> seen)
    {
        if (!seen.Add(model))
        {
            return;
        }

        if (model is IAdditionalDataHolder holder)
        {
            found.AddRange(holder.AdditionalData.Keys.Select(key => $"{path}/{key}"));
        }

        foreach (var property in model.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0 && p.Name is not ("AdditionalData" or "BackingStore")))
        {
            switch (property.GetValue(model))
            {
                case IParsable one:
                    Unknown(one, $"{path}/{property.Name}", found, seen);
                    break;
                case string:
                    break;
                case IEnumerable many:
                    foreach (var item in many.OfType<IParsable>())
                    {
                        Unknown(item, $"{path}/{property.Name}", found, seen);
                    }

                    break;
                default:
                    break;
            }
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Where(p => p.Key != "@odata.type").OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => System.Collections.Generic.KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
