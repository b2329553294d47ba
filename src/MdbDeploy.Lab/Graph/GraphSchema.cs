using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.Edm.Csdl;

namespace MdbDeploy.Lab.Graph;

/// <summary>
/// Checks what clients send against <c>graph.csdl</c>: Microsoft's own OData reader refuses unknown properties, types that do not exist and values of the wrong type; what it
/// lets pass (members of enums, texts for numbers, abstract types, what is missing) is refused here.
/// </summary>
internal static class GraphSchema
{
    private const string Namespace = "microsoft.graph.";

    private static readonly Lazy<IEdmModel> Model = new(Load);

    /// <summary>Checks an object against a type.</summary>
    /// <param name="value">What the client sent.</param>
    /// <param name="type">Name of the type, without <c>microsoft.graph.</c></param>
    /// <param name="partial">Whether required properties may be missing, as in a PATCH.</param>
    /// <exception cref="GraphException">It does not fit; status 400.</exception>
    public static void Check(JsonObject value, string type, bool partial = false)
    {
        var declared = Find(type);
        // First what names the property: the reader's messages often do not.
        CheckObject(value, declared, complete: null);
        try
        {
            var settings = new ODataMessageReaderSettings { BaseUri = new Uri("https://graph.microsoft.com/beta/"), Validations = ValidationKinds.All };
            using var message = new ODataMessageReader(new Request(value.ToJsonString()), settings, Model.Value);
            var reader = declared is IEdmEntityType entity
                ? message.CreateODataResourceReader(Model.Value.EntityContainer.FindEntitySet("groups"), entity)
                : message.CreateODataResourceReader(declared);
            while (reader.Read())
            {
            }
        }
        catch (Microsoft.OData.ODataException e)
        {
            throw GraphException.BadRequest(e.Message);
        }

        CheckObject(value, declared, complete: !partial);
    }

    /// <summary>An enum value, or flags, in the spelling and order of the schema. The services take any case.</summary>
    public static string Canonical(string type, string property, string value)
    {
        var given = value.Split(',', StringSplitOptions.TrimEntries);
        return string.Join(',', Members(Find(type).FindProperty(property).Type.AsEnum()).Where(m => given.Contains(m, StringComparer.OrdinalIgnoreCase)));
    }

    private static IEdmStructuredType Find(string type) => (IEdmStructuredType)Model.Value.FindDeclaredType(Namespace + type);

    /// <param name="value">The object.</param>
    /// <param name="declared">Its type, or a base of it.</param>
    /// <param name="complete">Whether all that is required must be there; null to leave that aside, here and below.</param>
    private static void CheckObject(JsonObject value, IEdmStructuredType declared, bool? complete)
    {
        var type = value["@odata.type"] is JsonValue name && name.TryGetValue<string>(out var text) ? Model.Value.FindDeclaredType(text.TrimStart('#')) as IEdmStructuredType : declared;
        if (type is null)
        {
            // That is the reader's to refuse.
            return;
        }

        if (type.IsAbstract)
        {
            throw GraphException.BadRequest($"Cannot create an abstract class. The type '{type.FullTypeName()}' needs the '@odata.type' of one of its derived types.");
        }

        foreach (var property in type.StructuralProperties())
        {
            if (value[property.Name] is { } node)
            {
                CheckValue(property.Name, node, property.Type, complete is null ? null : true);
            }
            else if (complete == true && !property.Type.IsNullable)
            {
                throw GraphException.BadRequest($"The property '{property.Name}' of type '{type.FullTypeName()}' is required.");
            }
        }
    }

    private static void CheckValue(string name, JsonNode node, IEdmTypeReference type, bool? complete)
    {
        if (type.IsCollection())
        {
            foreach (var item in node as JsonArray ?? throw Wrong(name, node, type))
            {
                CheckValue(name, item ?? throw GraphException.BadRequest($"The array '{name}' must not hold null."), type.AsCollection().ElementType(), complete);
            }
        }
        else if (type.IsStructured())
        {
            CheckObject(node as JsonObject ?? throw Wrong(name, node, type), type.AsStructured().StructuredDefinition(), complete);
        }
        else if (type.IsEnum())
        {
            var members = Members(type.AsEnum());
            var given = node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>().Split(',', StringSplitOptions.TrimEntries) : [""];
            if ((given.Length > 1 && !type.AsEnum().EnumDefinition().IsFlags) || given.Any(g => !members.Contains(g, StringComparer.OrdinalIgnoreCase)))
            {
                throw GraphException.BadRequest($"Cannot convert the value of '{name}' to the expected type '{type.FullName()}' ({string.Join(", ", members)}).");
            }
        }
        else if (type.IsIntegral() ? node.GetValueKind() != JsonValueKind.Number : node is not JsonValue)
        {
            throw Wrong(name, node, type);
        }
    }

    // The value stays out of the message: it may be a secret.
    private static GraphException Wrong(string name, JsonNode node, IEdmTypeReference type) =>
        GraphException.BadRequest($"Cannot convert a value of kind {node.GetValueKind()} to the expected type '{type.FullName()}' of the property '{name}'.");

    private static string[] Members(IEdmEnumTypeReference type) => [.. type.EnumDefinition().Members.Select(m => m.Name)];

    private static IEdmModel Load()
    {
        using var stream = typeof(GraphSchema).Assembly.GetManifestResourceStream("Graph/graph.csdl")!;
        using var xml = XmlReader.Create(stream);
        return CsdlReader.Parse(xml);
    }

    /// <summary>A body for the reader.</summary>
    private sealed class Request(string body) : IODataRequestMessage
    {
        public IEnumerable<KeyValuePair<string, string>> Headers => [KeyValuePair.Create("Content-Type", "application/json")];

        public Uri Url { get; set; } = new("https://graph.microsoft.com/beta/");

        public string Method { get; set; } = "POST";

        public string? GetHeader(string headerName) => headerName == "Content-Type" ? "application/json" : null;

        public void SetHeader(string headerName, string headerValue)
        {
        }

        public Stream GetStream() => new MemoryStream(Encoding.UTF8.GetBytes(body));
    }
}
