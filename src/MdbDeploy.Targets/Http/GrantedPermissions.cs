using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MdbDeploy.Targets.Http;

/// <summary>
/// What an access token allows: <c>roles</c> of an application, <c>scp</c> of a person (learn.microsoft.com/entra/identity-platform/access-token-claims-reference). Clients may not rely on
/// what stands in a token, and so this is for telling people only; what counts is the server's answer.
/// </summary>
/// <param name="IsApplication">Whether an application signed in, not a person.</param>
/// <param name="Names">Names of the permissions, for example <c>Group.ReadWrite.All</c>.</param>
public sealed record GrantedPermissions(bool IsApplication, ImmutableHashSet<string> Names)
{
    /// <summary>Reads a token; null when it is none that can be read.</summary>
    internal static GrantedPermissions? Read(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[1]))
        {
            return null;
        }

        try
        {
            if (JsonNode.Parse(Base64Url.DecodeFromChars(parts[1])) is not JsonObject claims)
            {
                return null;
            }

            var scopes = (claims["scp"] as JsonValue)?.GetValue<string>();
            var roles = (claims["roles"] as JsonArray ?? []).OfType<JsonValue>().Select(r => r.GetValue<string>());
            return new(scopes is null, [.. scopes?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? roles]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
