using System.Text.Json;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary>
/// Checks what clients send, property by property: an unknown name, a value of the wrong JSON type, an enum member that does not exist or an abstract object without its
/// <c>@odata.type</c> is refused. The names and types are facts of Graph's beta metadata; properties that only the server sets are left out on purpose.
/// </summary>
internal sealed class GraphSchema
{
    /// <summary>
    /// A line is <c>type &lt; base: property type, …</c>. An asterisk: required on creation. An exclamation mark: abstract. ~ stands for deviceManagementConfiguration,
    /// [] for an array, a|b for an enum, a,b flags in {}.
    /// </summary>
    private const string Text = """
        group: displayName* string; description string; mailEnabled* bool; mailNickname* string; securityEnabled* bool; groupTypes string[]; uniqueName string; visibility string; isAssignableToRole bool; membershipRule string; membershipRuleProcessingState string; classification string; preferredDataLocation string; preferredLanguage string; theme string; resourceBehaviorOptions string[]; resourceProvisioningOptions string[]; members@odata.bind string[]; owners@odata.bind string[]
        reference: @odata.id* string
        ~Policy: name* string; description string; platforms* none|android|iOS|macOS|windows10X|windows10|linux|androidEnterprise|aosp|visionOS|tvOS; technologies* {none|mdm|windows10XManagement|configManager|intuneManagementExtension|thirdParty|documentGateway|appleRemoteManagement|microsoftSense|exchangeOnline|mobileApplicationManagement|linuxMdm|enrollment|endpointPrivilegeManagement|windowsOsRecovery|android}; roleScopeTagIds string[]; templateReference ~PolicyTemplateReference; settings* ~Setting[]; disableEntraGroupPolicyAssignment bool
        ~PolicyTemplateReference: templateId string; templateFamily none|endpointSecurityAntivirus|endpointSecurityDiskEncryption|endpointSecurityFirewall|endpointSecurityEndpointDetectionAndResponse|endpointSecurityAttackSurfaceReduction|endpointSecurityAccountProtection|endpointSecurityApplicationControl|endpointSecurityEndpointPrivilegeManagement|enrollmentConfiguration|appQuietTime|baseline|deviceConfigurationScripts|deviceConfigurationPolicies|windowsOsRecoveryPolicies|companyPortal; templateDisplayName string; templateDisplayVersion string
        ~Setting: id string; settingInstance* ~SettingInstance
        ~SettingInstance!: settingDefinitionId* string; settingInstanceTemplateReference ~SettingInstanceTemplateReference
        ~SettingInstanceTemplateReference: settingInstanceTemplateId* string
        ~SettingValueTemplateReference: settingValueTemplateId* string; useTemplateDefault bool
        ~ChoiceSettingInstance < ~SettingInstance: choiceSettingValue* ~ChoiceSettingValue
        ~ChoiceSettingCollectionInstance < ~SettingInstance: choiceSettingCollectionValue* ~ChoiceSettingValue[]
        ~SimpleSettingInstance < ~SettingInstance: simpleSettingValue* ~SimpleSettingValue
        ~SimpleSettingCollectionInstance < ~SettingInstance: simpleSettingCollectionValue* ~SimpleSettingValue[]
        ~GroupSettingInstance < ~SettingInstance: groupSettingValue* ~GroupSettingValue
        ~GroupSettingCollectionInstance < ~SettingInstance: groupSettingCollectionValue* ~GroupSettingValue[]
        ~SettingValue!: settingValueTemplateReference ~SettingValueTemplateReference
        ~ChoiceSettingValue < ~SettingValue: value* string; children ~SettingInstance[]
        ~GroupSettingValue < ~SettingValue: children ~SettingInstance[]
        ~SimpleSettingValue! < ~SettingValue:
        ~StringSettingValue < ~SimpleSettingValue: value* string
        ~IntegerSettingValue < ~SimpleSettingValue: value* int
        ~SecretSettingValue < ~SimpleSettingValue: value* string; valueState* invalid|notEncrypted|encryptedValueToken
        ~ReferenceSettingValue < ~StringSettingValue: note string
        assign: assignments* ~PolicyAssignment[]
        ~PolicyAssignment: id string; source direct|policySets; sourceId string; target* deviceAndAppManagementAssignmentTarget
        deviceAndAppManagementAssignmentTarget!: deviceAndAppManagementAssignmentFilterId string; deviceAndAppManagementAssignmentFilterType none|include|exclude
        groupAssignmentTarget < deviceAndAppManagementAssignmentTarget: groupId* string
        exclusionGroupAssignmentTarget < groupAssignmentTarget:
        allDevicesAssignmentTarget < deviceAndAppManagementAssignmentTarget:
        allLicensedUsersAssignmentTarget < deviceAndAppManagementAssignmentTarget:
        configurationManagerCollectionAssignmentTarget < deviceAndAppManagementAssignmentTarget: collectionId* string
        """;

    private static readonly Dictionary<string, EntityType> Types = Load();

    /// <summary>Checks an object against a type.</summary>
    /// <param name="value">What the client sent.</param>
    /// <param name="type">Name of the type, without <c>microsoft.graph.</c></param>
    /// <param name="partial">Whether required properties may be missing, as in a PATCH.</param>
    /// <exception cref="GraphException">It does not fit; status 400.</exception>
    public static void Check(JsonObject value, string type, bool partial = false)
    {
        var declared = Types[type];
        var name = value["@odata.type"] is { } given
            ? given.GetValueKind() == JsonValueKind.String ? given.GetValue<string>() : throw GraphException.BadRequest("The 'odata.type' instance annotation must be a string.")
            : null;
        var actual = name is null ? declared
            : Types.GetValueOrDefault(name.Replace("#microsoft.graph.", "", StringComparison.Ordinal)) is { } found && name.StartsWith('#') ? found
            : throw GraphException.BadRequest($"A type named '{name.TrimStart('#')}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.");
        if (!actual.Is(declared))
        {
            throw GraphException.BadRequest($"A type '{name}' that is not compatible with the expected type 'microsoft.graph.{declared.Name}' was found.");
        }

        if (actual.IsAbstract)
        {
            throw GraphException.BadRequest($"Cannot create an abstract class. The type 'microsoft.graph.{actual.Name}' needs the '@odata.type' of one of its derived types.");
        }

        foreach (var (key, node) in value)
        {
            if (actual.Find(key) is { } property)
            {
                CheckValue(key, node, property);
            }
            else if (!key.Contains("@odata.", StringComparison.Ordinal) || key.EndsWith("@odata.bind", StringComparison.Ordinal))
            {
                throw GraphException.BadRequest($"The property '{key}' does not exist on type 'microsoft.graph.{actual.Name}' or cannot be written. Make sure to only use property names that are defined by the type.");
            }
        }

        if (!partial && actual.Properties.FirstOrDefault(p => p.IsRequired && value[p.Name] is null) is { } missing)
        {
            throw GraphException.BadRequest($"The property '{missing.Name}' of type 'microsoft.graph.{actual.Name}' is required.");
        }
    }

    /// <summary>An enum value, or flags, in the spelling and order of the schema. The services take any case.</summary>
    public static string Canonical(string type, string property, string value)
    {
        var given = value.Split(',', StringSplitOptions.TrimEntries);
        return string.Join(',', Types[type].Find(property)!.Members.Where(m => given.Contains(m, StringComparer.OrdinalIgnoreCase)));
    }

    private static void CheckValue(string key, JsonNode? node, Property property)
    {
        if (node is null)
        {
            return;
        }

        if (property.IsArray)
        {
            if (node is not JsonArray items)
            {
                throw GraphException.BadRequest($"When trying to read the property '{key}', a JSON array was expected, but a value of kind {node.GetValueKind()} was found.");
            }

            foreach (var item in items)
            {
                CheckValue(key, item ?? throw GraphException.BadRequest($"The array '{key}' must not hold null."), property with { IsArray = false });
            }

            return;
        }

        var kind = node.GetValueKind();
        var fits = property.Type switch
        {
            "string" => kind == JsonValueKind.String,
            "bool" => kind is JsonValueKind.True or JsonValueKind.False,
            "int" => kind == JsonValueKind.Number && node.AsValue().TryGetValue<int>(out _),
            "enum" => kind == JsonValueKind.String && property.Members.Contains(node.GetValue<string>(), StringComparer.OrdinalIgnoreCase),
            "flags" => kind == JsonValueKind.String && node.GetValue<string>().Split(',', StringSplitOptions.TrimEntries).All(f => property.Members.Contains(f, StringComparer.OrdinalIgnoreCase)),
            _ => kind == JsonValueKind.Object,
        };
        if (!fits)
        {
            // The value stays out of the message: it may be a secret.
            throw GraphException.BadRequest($"Cannot convert a value of kind {kind} to the expected type of the property '{key}'{(property.Members.Length > 0 ? $" ({string.Join(", ", property.Members)})" : "")}.");
        }

        if (node is JsonObject inner)
        {
            Check(inner, property.Type);
        }
    }

    private static Dictionary<string, EntityType> Load()
    {
        var types = new Dictionary<string, EntityType>(StringComparer.Ordinal);
        foreach (var line in Text.Replace("~", "deviceManagementConfiguration", StringComparison.Ordinal).Split('\n'))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var at ? at : line.Length - 1;
            var head = line[..colon].Split(" < ");
            types.Add(head[0].TrimEnd('!'), new EntityType(
                head[0].TrimEnd('!'),
                head.Length > 1 ? types[head[1]] : null,
                head[0].EndsWith('!'),
                [.. line[(colon + 1)..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Property.Parse)]));
        }

        return types;
    }

    private sealed record EntityType(string Name, EntityType? Base, bool IsAbstract, Property[] OwnProperties)
    {
        public IEnumerable<Property> Properties => OwnProperties.Concat(Base?.Properties ?? []);

        public bool Is(EntityType other) => this == other || (Base?.Is(other) ?? false);

        public Property? Find(string name) => Properties.FirstOrDefault(p => p.Name == name);
    }

    private sealed record Property(string Name, string Type, string[] Members, bool IsArray, bool IsRequired)
    {
        public static Property Parse(string text)
        {
            var words = text.Split(' ');
            var (name, type) = (words[0].TrimEnd('*'), words[1]);
            var isArray = type.EndsWith("[]", StringComparison.Ordinal);
            string[] members = type.Contains('|', StringComparison.Ordinal) ? type.Trim('{', '}').Split('|') : [];
            return new Property(
                name,
                type.StartsWith('{') ? "flags" : members.Length > 0 ? "enum" : isArray ? type[..^2] : type,
                members,
                isArray,
                words[0].EndsWith('*'));
        }
    }
}
