using System.Text.Json.Nodes;
using CsCheck;
using MdbDeploy.Targets.Comparison;

namespace MdbDeploy.Tests.Targets;

public class BodyComparisonTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1.0}""")]
    [InlineData("""{"a":"x\ny"}""", """{"a":"x\r\ny"}""")]
    [InlineData("""{"a":[]}""", """{}""")]
    [InlineData("""{"a":null}""", """{}""")]
    [InlineData("""{"a":{"b":null}}""", """{"a":null}""")]
    [InlineData("""{"a":1}""", """{"a":1,"server":"adds this"}""")]
    [InlineData("""{"settings":[{"key":"A","v":1},{"key":"b","v":2}]}""", """{"settings":[{"key":"B","v":2},{"v":1.0,"key":"a","extra":true}]}""")]
    [InlineData("""{"secret":"ours"}""", """{"secret":"token"}""")]
    [InlineData("""{"settings":[{"key":"A","secret":"ours"}]}""", """{"settings":[{"key":"A","secret":null}]}""")]
    public void These_are_equal(string desired, string actual) => Differences(desired, actual).ShouldBeEmpty();

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""", "/a")]
    [InlineData("""{"a":1}""", """{"a":"1"}""", "/a")]
    [InlineData("""{"a":"x"}""", """{"a":"X"}""", "/a")]
    [InlineData("""{"a":1}""", """{}""", "/a")]
    [InlineData("""{"a":null}""", """{"a":1}""", "/a")]
    [InlineData("""{"a":[]}""", """{"a":[1]}""", "/a")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", "/a/0 /a/1")]
    [InlineData("""{"a":{"b/c":{"d~e":1}}}""", """{"a":{"b/c":{"d~e":2}}}""", "/a/b~1c/d~0e")]
    [InlineData("""{"settings":[{"key":"A","v":1},{"key":"B","v":2}]}""", """{"settings":[{"key":"B","v":3},{"key":"C","v":4}]}""", "/settings/A /settings/B/v /settings/C")]
    public void These_differ_at_these_fields(string desired, string actual, string paths) =>
        string.Join(' ', Differences(desired, actual).Select(d => d.Field.Path)).ShouldBe(paths);

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":1}""", true, false)]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":2}""", false, false)]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":3}""", false, true)]
    [InlineData("""{"a":1}""", """{"a":2}""", """{}""", false, false)]
    [InlineData("""{"a":1}""", """{"a":2}""", null, false, false)]
    [InlineData("""{"settings":[]}""", """{"settings":[{"key":"A"}]}""", """{"settings":[]}""", true, false)]
    [InlineData("""{"settings":[]}""", """{"settings":[{"key":"A"}]}""", """{"settings":[{"key":"A"}]}""", false, false)]
    [InlineData("""{"settings":[{"key":"A","v":1}]}""", """{}""", """{"settings":[{"key":"A","v":1}]}""", true, false)]
    [InlineData("""{"settings":[{"key":"A","v":1}]}""", """{"settings":[{"key":"A","v":2}]}""", """{"settings":[{"key":"A","v":3}]}""", false, true)]
    public void The_third_value_tells_drift_from_conflict(string desired, string actual, string? last, bool isDrift, bool isConflict)
    {
        var difference = Differences(desired, actual, last).ShouldHaveSingleItem();
        difference.Field.IsDrift.ShouldBe(isDrift);
        difference.IsConflict.ShouldBe(isConflict);
    }

    [Fact]
    public void The_order_of_a_set_never_matters() =>
        Gen.Select(Bodies, Gen.Int).Sample((body, seed) =>
        {
            var shuffled = (JsonObject)body.DeepClone();
            var items = shuffled["settings"]!.AsArray().Select(i => i!.DeepClone()).ToArray();
            new Random(seed).Shuffle(items);
            shuffled["settings"] = new JsonArray(items);
            BodyComparison.Compare(Wanted.Policy, body, shuffled, null).ShouldBeEmpty();
            CanonicalJson.Of(KeyedSet.Union(null, shuffled["settings"]!.AsArray(), "key")).ShouldBe(CanonicalJson.Of(KeyedSet.Union(null, body["settings"]!.AsArray(), "key")));
        });

    [Fact]
    public void A_body_equals_itself_however_its_properties_are_ordered() =>
        Bodies.Sample(body =>
        {
            var turned = new JsonObject(body.Reverse().Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
            BodyComparison.Compare(Wanted.Policy, body, turned, null).ShouldBeEmpty();
            CanonicalJson.Hash(turned).ShouldBe(CanonicalJson.Hash(body));
        });

    [Fact]
    public void Masks_leave_no_secret_and_compare_as_the_values_do()
    {
        var blob = new string('s', 300);
        var kind = Wanted.Policy;
        var body = Parse($$$"""{"secret":"one","settings":[{"key":"A","secret":{"x":"two"}}],"elsewhere":["{{{blob}}}"],"short":"shown"}""");
        var masked = SecretMask.Mask(body, kind, sensitive: true).ToJsonString();
        masked.ShouldNotContain("one");
        masked.ShouldNotContain("two");
        masked.ShouldNotContain(blob);
        masked.ShouldContain("shown");
        SecretMask.Mask(body, kind, sensitive: true).ToJsonString().ShouldBe(masked);
        SecretMask.Mask(body, kind, sensitive: false).ToJsonString().ShouldContain(blob);
    }

    // What a body of this kind may look like: some fields and a set with unique keys.
    internal static Gen<JsonObject> Bodies { get; } =
        Gen.Select(
            Gen.Dictionary(Gen.String[Gen.Char["abcxyz/~ \r\n"], 1, 4], Leaves())[0, 4],
            Gen.Dictionary(Gen.String[Gen.Char["abcdef"], 1, 3], Leaves())[0, 5],
            (fields, settings) =>
            {
                var body = new JsonObject();
                foreach (var (name, value) in fields)
                {
                    body["p" + name] = value?.DeepClone();
                }

                body["settings"] = new JsonArray([.. settings.Select(s => (JsonNode)new JsonObject { ["key"] = s.Key, ["value"] = s.Value?.DeepClone() })]);
                return body;
            });

    private static Gen<JsonNode?> Leaves() => Gen.OneOf(
        Gen.Int[-3, 3].Select(i => (JsonNode?)i),
        Gen.Bool.Select(b => (JsonNode?)b),
        Gen.String[Gen.Char["ab\r\n'\"{}"], 0, 5].Select(s => (JsonNode?)s),
        Gen.Int[0, 3].Array[0, 3].Select(a => (JsonNode?)new JsonArray([.. a.Select(i => (JsonNode)i)])),
        Gen.Const(() => (JsonNode?)null),
        Gen.Int[0, 2].Select(i => (JsonNode?)new JsonObject { ["inner"] = i }));

    private static System.Collections.Immutable.ImmutableArray<FieldDifference> Differences(string desired, string actual, string? last = null) =>
        BodyComparison.Compare(Wanted.Policy, Parse(desired), Parse(actual), last is null ? null : Parse(last));

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
