using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Entra;

/// <summary>
/// Issues and checks access tokens: JSON web tokens (RFC 7519) under a key of this run. Clients must not look inside a token, but people paste them into decoders, so
/// the claims are those that Entra sends.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="tenantId">The tenant.</param>
/// <param name="issuer">Address of the issuer.</param>
/// <param name="roles">Permissions of the application.</param>
internal sealed class AccessTokens(TimeProvider time, string tenantId, string issuer, IReadOnlyCollection<string> roles)
{
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Issues a token for one audience, for the application or, with more claims, for a person.</summary>
    public string Issue(string clientId, string audience, TimeSpan lifetime, JsonObject? more = null)
    {
        var now = time.GetUtcNow();
        var head = Encode("""{"typ":"JWT","alg":"HS256"}"""u8);
        var claims = new JsonObject
        {
            ["aud"] = audience,
            ["iss"] = issuer,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
            ["appid"] = clientId,
            ["idtyp"] = "app",
            ["roles"] = new JsonArray([.. roles.Select(r => (JsonNode)r)]),
            ["tid"] = tenantId,
            ["ver"] = "1.0",
        };
        foreach (var (name, value) in more ?? [])
        {
            claims[name] = value?.DeepClone();
        }

        var body = Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        return $"{head}.{body}.{Sign($"{head}.{body}")}";
    }

    /// <summary>Checks the Authorization header; returns the client's id, or what is wrong in Entra's words.</summary>
    public (string? ClientId, string? Problem) Check(string? authorization, Func<string, bool> isAudience)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return (null, "Access token is empty.");
        }

        var parts = authorization["Bearer ".Length..].Trim().Split('.');
        if (parts.Length != 3)
        {
            return (null, "IDX14100: JWT is not well formed, there are no dots (.).");
        }

        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign($"{parts[0]}.{parts[1]}")), Encoding.ASCII.GetBytes(parts[2])))
        {
            return (null, "Access token validation failure. Invalid signature.");
        }

        var claims = JsonNode.Parse(Decode(parts[1]))!;
        if (time.GetUtcNow().ToUnixTimeSeconds() >= claims["exp"]!.GetValue<long>())
        {
            return (null, "Lifetime validation failed, the token is expired.");
        }

        return isAudience(claims["aud"]!.GetValue<string>())
            ? (claims["appid"]!.GetValue<string>(), null)
            : (null, "Access token validation failure. Invalid audience.");
    }

    /// <summary>Base64url without padding (RFC 4648 section 5).</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    /// <summary>Reads base64url; empty when it is none.</summary>
    public static byte[] Decode(string text)
    {
        try
        {
            return System.Buffers.Text.Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private string Sign(string text) => Encode(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text)));
}
