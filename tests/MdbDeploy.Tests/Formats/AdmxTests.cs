using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;
using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class AdmxTests
{
    private static readonly AdmxSetting[] Settings =
    [
        new() { Id = "one.switch", Title = "A switch", Explanation = "On & off.\n\nMore.", Key = @"SOFTWARE\Policies\Contoso", ValueName = "DisableIt", IsSwitch = true, Choices = [new("1", "off"), new("0", "on")] },
        new() { Id = "two.choice", Title = "A choice", Explanation = "Which.", Key = @"SOFTWARE\Policies\Contoso", ValueName = "Mode", Choices = [new("0", "default"), new("2", "beta")] },
        new() { Id = "three.text", Title = "A text", Explanation = "What.", Key = @"SOFTWARE\Policies\Contoso\Tagging", ValueName = "Group", IsText = true, Most = 200 },
        new() { Id = "four.number", Title = "A number", Explanation = "How many.", Key = @"SOFTWARE\Policies\Contoso", ValueName = "Days", Least = 1, Most = 90 },
        new() { Id = "five.list", Title = "A list", Explanation = "Which ones.", Key = @"SOFTWARE\Policies\Contoso\Paths", IsText = true },
    ];

    [Fact]
    public void A_template_of_settings_is_written_byte_for_byte()
    {
        var (template, texts) = AdmxSettings.Make("contoso", "Contoso.Policies", "Contoso", "Windows 10 and later", Settings);
        AdmxLint.Check(template, texts, "x").ShouldBeEmpty();
        Encoding.UTF8.GetString(Admx.Write(template)).ShouldBe(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <policyDefinitions revision="1.0" schemaVersion="1.0" xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions">
              <policyNamespaces>
                <target prefix="contoso" namespace="Contoso.Policies" />
              </policyNamespaces>
              <resources minRequiredRevision="1.0" />
              <supportedOn>
                <definitions>
                  <definition name="Supported" displayName="$(string.Supported)" />
                </definitions>
              </supportedOn>
              <categories>
                <category name="Category" displayName="$(string.Category)" />
              </categories>
              <policies>
                <policy name="one_switch" class="Machine" displayName="$(string.one_switch)" explainText="$(string.one_switch_Help)" key="SOFTWARE\Policies\Contoso" valueName="DisableIt">
                  <parentCategory ref="Category" />
                  <supportedOn ref="Supported" />
                  <enabledValue>
                    <decimal value="0" />
                  </enabledValue>
                  <disabledValue>
                    <decimal value="1" />
                  </disabledValue>
                </policy>
                <policy name="two_choice" class="Machine" displayName="$(string.two_choice)" explainText="$(string.two_choice_Help)" presentation="$(presentation.two_choice)" key="SOFTWARE\Policies\Contoso">
                  <parentCategory ref="Category" />
                  <supportedOn ref="Supported" />
                  <elements>
                    <enum id="Value" valueName="Mode" required="true">
                      <item displayName="$(string.two_choice_1)">
                        <value>
                          <decimal value="0" />
                        </value>
                      </item>
                      <item displayName="$(string.two_choice_2)">
                        <value>
                          <decimal value="2" />
                        </value>
                      </item>
                    </enum>
                  </elements>
                </policy>
                <policy name="three_text" class="Machine" displayName="$(string.three_text)" explainText="$(string.three_text_Help)" presentation="$(presentation.three_text)" key="SOFTWARE\Policies\Contoso\Tagging">
                  <parentCategory ref="Category" />
                  <supportedOn ref="Supported" />
                  <elements>
                    <text id="Value" valueName="Group" maxLength="200" />
                  </elements>
                </policy>
                <policy name="four_number" class="Machine" displayName="$(string.four_number)" explainText="$(string.four_number_Help)" presentation="$(presentation.four_number)" key="SOFTWARE\Policies\Contoso">
                  <parentCategory ref="Category" />
                  <supportedOn ref="Supported" />
                  <elements>
                    <decimal id="Value" valueName="Days" minValue="1" maxValue="90" />
                  </elements>
                </policy>
                <policy name="five_list" class="Machine" displayName="$(string.five_list)" explainText="$(string.five_list_Help)" presentation="$(presentation.five_list)" key="SOFTWARE\Policies\Contoso\Paths">
                  <parentCategory ref="Category" />
                  <supportedOn ref="Supported" />
                  <elements>
                    <list id="Value" key="SOFTWARE\Policies\Contoso\Paths" additive="true" explicitValue="true" />
                  </elements>
                </policy>
              </policies>
            </policyDefinitions>

            """.ReplaceLineEndings("\r\n"));
        Encoding.UTF8.GetString(Adml.Write(texts)).ReplaceLineEndings("\n").ShouldBe(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <policyDefinitionResources revision="1.0" schemaVersion="1.0" xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions">
              <displayName>Contoso</displayName>
              <description>Contoso</description>
              <resources>
                <stringTable>
                  <string id="Category">Contoso</string>
                  <string id="Supported">Windows 10 and later</string>
                  <string id="one_switch">A switch</string>
                  <string id="one_switch_Help">On &amp; off.

            More.</string>
                  <string id="two_choice">A choice</string>
                  <string id="two_choice_Help">Which.</string>
                  <string id="two_choice_1">default</string>
                  <string id="two_choice_2">beta</string>
                  <string id="three_text">A text</string>
                  <string id="three_text_Help">What.</string>
                  <string id="four_number">A number</string>
                  <string id="four_number_Help">How many.</string>
                  <string id="five_list">A list</string>
                  <string id="five_list_Help">Which ones.</string>
                </stringTable>
                <presentationTable>
                  <presentation id="two_choice">
                    <dropdownList refId="Value">A choice</dropdownList>
                  </presentation>
                  <presentation id="three_text">
                    <textBox refId="Value">
                      <label>A text</label>
                    </textBox>
                  </presentation>
                  <presentation id="four_number">
                    <decimalTextBox refId="Value" defaultValue="1">A number</decimalTextBox>
                  </presentation>
                  <presentation id="five_list">
                    <listBox refId="Value">A list</listBox>
                  </presentation>
                </presentationTable>
              </resources>
            </policyDefinitionResources>

            """);
    }

    [Fact]
    public void What_is_written_is_read_back() => Files.Sample(file =>
    {
        var read = Admx.Read(Admx.Write(file), "x");
        read.Diagnostics.ShouldBeEmpty();
        Json(read.Value!).ShouldBe(Json(file));
    }, iter: 100);

    [Fact]
    public void Texts_that_are_written_are_read_back() => Texts.Sample(file =>
    {
        var read = Adml.Read(Adml.Write(file), "x");
        read.Diagnostics.ShouldBeEmpty();
        Json(read.Value!).ShouldBe(Json(file));
    }, iter: 100);

    [Fact]
    public void Elements_stand_in_the_order_of_the_schema() => Files.Sample(file =>
    {
        // MS-GPREG, PolicyDefinitionFiles.xsd and PolicyDefinitions.xsd: all content models are sequences.
        var root = XDocument.Parse(Encoding.UTF8.GetString(Admx.Write(file))).Root!;
        InOrder(root, "policyNamespaces", "resources", "supportedOn", "categories", "policies");
        foreach (var policy in root.Descendants(Admx.Schema + "policy"))
        {
            InOrder(policy, "parentCategory", "supportedOn", "enabledValue", "disabledValue", "enabledList", "disabledList", "elements");
            policy.Attributes().Select(a => a.Name.LocalName).ShouldBeSubsetOf(["name", "class", "displayName", "explainText", "presentation", "key", "valueName"]);
        }

        foreach (var tick in root.Descendants(Admx.Schema + "boolean"))
        {
            InOrder(tick, "trueValue", "falseValue", "trueList", "falseList");
        }

        foreach (var table in root.Elements().Where(e => e.Name.LocalName is "categories" or "policies"))
        {
            table.HasElements.ShouldBeTrue();
        }
    }, iter: 30);

    [Theory]
    [InlineData("revision=\"1.0\"", "", "lacks the attribute 'revision'", 2)]
    [InlineData("<resources minRequiredRevision=\"1.0\" />", "", "It has no resources", 2)]
    [InlineData("target", "tarket", "no policyNamespaces with a target", 2)]
    [InlineData("class=\"Machine\" displayName=\"$(string.one", "class=\"Computer\" displayName=\"$(string.one", "The class 'Computer'", 16)]
    [InlineData("<decimal value=\"2\" />", "<decimal value=\"4294967296\" />", "not a whole number up to 4294967295", 38)]
    [InlineData("<decimal value=\"2\" />", "<decimal />", "lacks the attribute 'value'", 38)]
    [InlineData("<decimal value=\"2\" />", "<number />", "holds neither decimal", 37)]
    [InlineData("<text id", "<box id", "'box' is no element of a policy", 48)]
    [InlineData("required=\"true\"", "required=\"yes\"", "neither true nor false", 30)]
    public void What_is_missing_or_of_the_wrong_type_is_told_with_its_line(string right, string wrong, string words, int line)
    {
        var good = Encoding.UTF8.GetString(Admx.Write(AdmxSettings.Make("contoso", "Contoso.Policies", "Contoso", "Windows", Settings).Template));
        good.ShouldContain(right);
        var at = good.IndexOf(right, StringComparison.Ordinal);
        var found = Admx.Read(Encoding.UTF8.GetBytes(good[..at] + wrong + good[(at + right.Length)..]), "x.admx").Diagnostics;
        found.ShouldContain(d => d.Code == Problems.TemplateUnreadable.Code && d.Where.Line == line && d.Message.Contains(words, StringComparison.Ordinal), string.Join('\n', found));
    }

    [Fact]
    public void A_file_of_another_kind_is_refused()
    {
        Admx.Read("<policyDefinitionResources/>"u8.ToArray(), "x").Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("not 'policyDefinitions'");
        Adml.Read("<policyDefinitions/>"u8.ToArray(), "x").Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("not 'policyDefinitionResources'");
    }

    [Fact]
    public void Files_of_windows_are_read_whatever_their_encoding_and_name_space()
    {
        const string Xml = """
            <!-- Windows --><policyDefinitions revision="1.0" schemaVersion="1.0" xmlns="http://www.microsoft.com/GroupPolicy/PolicyDefinitions"><policyNamespaces><target prefix="a-b" namespace="A"/></policyNamespaces>
            <supersededAdm fileName="a.adm"/><resources minRequiredRevision="1.0"/><supportedOn><products><product name="p" displayName="$(string.p)"/></products><definitions><definition name="d" displayName="$(string.d)">
            <or><range ref="p"/></or></definition></definitions></supportedOn><policies><policy name="x" class="Both" clientExtension="{0}" displayName="$(string.x)" key="K" valueName="V"><annotation application="a"/>
            <parentCategory ref="windows:Y"/><supportedOn ref="d"/><elements><boolean id="b" required="true" valueName="B"><trueValue><longDecimal value="18446744073709551615"/></trueValue><falseValue><delete/></falseValue></boolean></elements></policy></policies></policyDefinitions>
            """;
        foreach (var bytes in new[] { Encoding.UTF8.GetBytes(Xml), [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Xml)], [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Xml)], Encoding.UTF8.GetBytes(Xml.Replace(" xmlns=\"http://www.microsoft.com/GroupPolicy/PolicyDefinitions\"", "", StringComparison.Ordinal)) })
        {
            var policy = Admx.Read(bytes, "x").Value!.Policies.ShouldHaveSingleItem();
            policy.Category.ShouldBe("windows:Y");
            var tick = policy.Elements.ShouldHaveSingleItem().ShouldBeOfType<AdmxBoolean>();
            (tick.IsRequired, tick.TrueValue, tick.FalseValue).ShouldBe((true, AdmxValue.OfLong(ulong.MaxValue), AdmxValue.Delete));
        }
    }

    [Fact]
    public void No_bytes_crash_the_readers()
    {
        var (template, texts) = AdmxSettings.Make("contoso", "Contoso.Policies", "Contoso", "Windows", Settings);
        var (admx, adml) = (Admx.Write(template), Adml.Write(texts));
        Gen.Select(Gen.Double[0, 1], Gen.Byte.Array[0, 8], Gen.Int[0, 80]).Sample((where, noise, drop) =>
        {
            Admx.Read(Broken(admx), "x");
            Adml.Read(Broken(adml), "x");
            byte[] Broken(byte[] good) => [.. good[..(int)(where * good.Length)], .. noise, .. good.Skip((int)(where * good.Length) + drop)];
        });
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "policy name", "The policy 'a.b' does not consist of letters" },
        { "two policies", "The policy 'one_switch' is there twice" },
        { "text", "The text '$(string.nowhere)' is missing" },
        { "literal text", "The text 'Title' is missing" },
        { "category", "The category 'Nowhere' is missing" },
        { "foreign category", "The category 'windows:Nowhere' is missing" },
        { "no category", "stands in no category" },
        { "circle", "The category 'A' stands within itself" },
        { "support", "The supported product 'Nowhere' is missing" },
        { "presentation", "The presentation '$(presentation.nowhere)' of the policy 'two_choice' is missing" },
        { "no presentation", "The policy 'two_choice' has elements and no presentation" },
        { "stray control", "refers to 'Nothing', which is no element of it" },
        { "wrong control", "has a checkBox for 'Value', which needs dropdownList" },
        { "hidden element", "does not show 'Value'" },
        { "revision", "The version '1' is not of the form 1.0" },
        { "old texts", "It asks for texts of version 2.0 and has 1.0" },
        { "nothing written", "The policy 'one_switch' writes nothing" },
        { "range", "has no number from 5 to 4" },
        { "long text", "is longer than 255 characters" },
        { "same element", "has two elements 'Value'" },
        { "empty choice", "offers nothing" },
        { "no value name", "names no value" },
        { "name space", "The name space 'Contoso.Policies' is there twice" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void What_the_editor_would_stumble_over_is_found(string mistake, string words)
    {
        var (t, x) = AdmxSettings.Make("contoso", "Contoso.Policies", "Contoso", "Windows", Settings);
        var (first, choice, number) = (t.Policies[0], t.Policies[1], t.Policies[3]);
        (t, x) = mistake switch
        {
            "policy name" => (With(first with { Name = "a.b" }), x),
            "two policies" => (t with { Policies = t.Policies.Add(first) }, x),
            "text" => (With(first with { ExplainText = "$(string.nowhere)" }), x),
            "literal text" => (With(first with { DisplayName = "Title" }), x),
            "category" => (With(first with { Category = "Nowhere" }), x),
            "foreign category" => (With(first with { Category = "windows:Nowhere" }), x),
            "no category" => (With(first with { Category = null }), x),
            "circle" => (t with { Categories = [.. t.Categories, new("A", "$(string.Category)", "B"), new("B", "$(string.Category)", "A")] }, x),
            "support" => (With(first with { SupportedOn = "Nowhere" }), x),
            "presentation" => (With(choice with { Presentation = "$(presentation.nowhere)" }), x),
            "no presentation" => (With(choice with { Presentation = null }), x),
            "stray control" => (t, Shows(new AdmlControl { Kind = "textBox", RefId = "Nothing" })),
            "wrong control" => (t, Shows(new AdmlControl { Kind = "checkBox", RefId = "Value" })),
            "hidden element" => (t, Shows(new AdmlControl { Kind = "text", Label = "Value" })),
            "revision" => (t with { Revision = "1" }, x),
            "old texts" => (t with { MinRequiredRevision = "2.0" }, x),
            "nothing written" => (With(first with { ValueName = null }), x),
            "range" => (With(number with { Elements = [(AdmxDecimal)number.Elements[0] with { MinValue = 5, MaxValue = 4 }] }), x),
            "long text" => (With(first with { EnabledValue = AdmxValue.Of(new string('a', 256)) }), x),
            "same element" => (With(number with { Elements = [number.Elements[0], number.Elements[0]] }), x),
            "empty choice" => (With(choice with { Elements = [(AdmxChoice)choice.Elements[0] with { Items = [] }] }), x),
            "no value name" => (With(number with { Elements = [(AdmxDecimal)number.Elements[0] with { ValueName = "" }] }), x),
            "name space" => (t with { Using = [new("other", "Contoso.Policies")] }, x),
            _ => throw new ArgumentOutOfRangeException(nameof(mistake)),
        };
        AdmxLint.Check(t, x, "x").ShouldContain(d => d.Message.Contains(words, StringComparison.Ordinal));

        AdmxFile With(AdmxPolicy policy) => t with { Policies = [policy, .. t.Policies.Where(p => p.Key + p.Elements.Length + p.ValueName != policy.Key + policy.Elements.Length + policy.ValueName && p.Name != policy.Name)] };
        AdmlFile Shows(AdmlControl control) => x with { Presentations = [.. x.Presentations.Select(p => p.Id == "two_choice" ? p with { Controls = [control] } : p)] };
    }

    private static readonly Gen<string> Word = Gen.String[Gen.Char[' ', '\u2FFF'], 0, 10].Select(w => w + "<&\">");

    private static readonly Gen<string?> MaybeWord = Gen.OneOf(Word.Select(w => (string?)w), Gen.Const((string?)null));

    private static readonly Gen<AdmxValue> Value = Gen.OneOf(Gen.UInt.Select(AdmxValue.Of), Gen.ULong.Select(AdmxValue.OfLong), Word.Select(AdmxValue.Of), Gen.Const(AdmxValue.Delete));

    private static readonly Gen<AdmxValueList?> MaybeList = Gen.Select(Word, Value, MaybeWord, Gen.Bool).Select((name, value, key, some) => some ? new AdmxValueList([new(name, value, key), new("b", AdmxValue.Delete)], key) : null);

    private static readonly Gen<AdmxElement> Element = Gen.Select(Word, MaybeWord, Value, MaybeList, Gen.ULong, Gen.UInt, Gen.Int[0, 127]).Select((id, key, value, list, big, small, bits) => (bits % 7) switch
    {
        0 => (AdmxElement)new AdmxBoolean { Id = id, Key = key, ValueName = id, IsRequired = (bits & 16) != 0, TrueValue = value, FalseList = list },
        1 => new AdmxDecimal { Id = id, Key = key, ValueName = id, MinValue = small, MaxValue = big, IsText = (bits & 16) != 0, IsSoft = (bits & 32) != 0, IsLong = (bits & 64) != 0 },
        2 => new AdmxText { Id = id, Key = key, ValueName = id, MaxLength = small, IsExpandable = (bits & 16) != 0, IsSoft = (bits & 32) != 0, IsRequired = (bits & 64) != 0 },
        3 => new AdmxMultiText { Id = id, Key = key, ValueName = id, MaxLength = small, MaxStrings = small, IsSoft = (bits & 32) != 0 },
        4 => new AdmxChoice { Id = id, Key = key, ValueName = id, IsRequired = (bits & 16) != 0, Items = [new(id, value, list)] },
        5 => new AdmxList { Id = id, Key = key, ValuePrefix = key, IsAdditive = (bits & 16) != 0, IsExpandable = (bits & 32) != 0, HasNames = (bits & 64) != 0 },
        _ => new AdmxDecimal { Id = id, ValueName = id },
    });

    private static readonly Gen<AdmxPolicy> Policy = Gen.Select(Word, MaybeWord, MaybeWord, Value, MaybeList, Element.List[0, 4], Gen.Int[0, 2]).Select((name, some, other, value, list, elements, side) => new AdmxPolicy
    {
        Name = name,
        Class = new[] { "Machine", "User", "Both" }[side],
        DisplayName = name,
        ExplainText = some,
        Presentation = other,
        Key = name,
        ValueName = some,
        Category = other,
        SupportedOn = some,
        EnabledValue = some is null ? null : value,
        DisabledValue = other is null ? null : value,
        EnabledList = list,
        DisabledList = list,
        Elements = [.. elements],
    });

    private static readonly Gen<AdmxFile> Files = Gen.Select(Word, Policy.List[0, 3], Gen.Select(Word, MaybeWord).Select((name, parent) => new AdmxCategory(name, name, parent, parent)).List[0, 3]).Select((word, policies, categories) => new AdmxFile
    {
        Prefix = word,
        Namespace = word,
        Revision = word,
        MinRequiredRevision = word,
        Using = [.. categories.Select(c => new AdmxNamespace(c.Name, word))],
        SupportedOn = [.. categories.Select(c => new AdmxSupport(c.Name, word))],
        Categories = [.. categories],
        Policies = [.. policies],
    });

    private static readonly Gen<AdmlControl> Controls = Gen.Select(Word, Gen.Int[0, 8], Gen.Bool).Select((word, kind, some) => kind switch
    {
        0 => new AdmlControl { Kind = "text", Label = word },
        1 => new AdmlControl { Kind = "checkBox", RefId = word, Label = word, Default = some ? "true" : null },
        2 => new AdmlControl { Kind = "decimalTextBox", RefId = word, Label = word, Default = some ? "3" : null, Options = [new("spin", "false"), new("spinStep", "2")] },
        3 => new AdmlControl { Kind = "longDecimalTextBox", RefId = word, Label = word },
        4 => new AdmlControl { Kind = "textBox", RefId = word, Label = word, Default = some ? word : null },
        5 => new AdmlControl { Kind = "multiTextBox", RefId = word, Label = word, Options = [new("defaultHeight", "4")] },
        6 => new AdmlControl { Kind = "dropdownList", RefId = word, Label = word, Default = some ? "1" : null, Options = [new("noSort", "true")] },
        7 => new AdmlControl { Kind = "comboBox", RefId = word, Label = word, Default = some ? word : null, Suggestions = [word, "b"], Options = [new("noSort", "true")] },
        _ => new AdmlControl { Kind = "listBox", RefId = word, Label = word },
    });

    private static readonly Gen<AdmlFile> Texts = Gen.Select(Word, Gen.Select(Word, Word).Select((id, text) => KeyValuePair.Create(id, text + "\r\n\t]]>")).List[0, 4], Controls.List[0, 5]).Select((word, strings, controls) => new AdmlFile
    {
        DisplayName = word,
        Description = word,
        Revision = word,
        Strings = [.. strings],
        Presentations = [new(word, [.. controls])],
    });

    private static readonly JsonSerializerOptions Polymorphic = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddKinds } } };

    // Without this the elements of a policy would be compared by what they have in common.
    private static void AddKinds(JsonTypeInfo type)
    {
        if (type.Type == typeof(AdmxElement))
        {
            type.PolymorphismOptions = new JsonPolymorphismOptions();
            foreach (var kind in new[] { typeof(AdmxBoolean), typeof(AdmxDecimal), typeof(AdmxText), typeof(AdmxMultiText), typeof(AdmxChoice), typeof(AdmxList) })
            {
                type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind, kind.Name));
            }
        }
    }

    private static string Json<T>(T file) => JsonSerializer.Serialize(file, Polymorphic);

    private static void InOrder(XElement parent, params string[] names)
    {
        var places = parent.Elements().Select(e => Array.IndexOf(names, e.Name.LocalName)).ToList();
        places.ShouldAllBe(place => place >= 0);
        places.ShouldBe(places.Distinct().Order());
    }
}
