using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Lab.OData;

namespace MdbDeploy.Lab.Entra;

/// <summary>
/// Sign-in of a person by a code that is entered on another device: the client asks for a code, shows it, and asks the token endpoint again and again until somebody entered it
/// (learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code; RFC 8628).
/// </summary>
internal sealed class DeviceCodes(AccessTokens tokens, string tenantId, string clientId)
{
    /// <summary>The grant of RFC 8628; MSAL writes it without the prefix.</summary>
    public const string Grant = "device_code";

    /// <summary>The grant that renews, or asks for another audience.</summary>
    public const string RefreshGrant = "refresh_token";

    private const string Person = "1ab1ab1a-0000-4000-8000-00000000ada0";

    private readonly ConcurrentDictionary<string, bool> entered = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> devices = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> refreshes = new(StringComparer.Ordinal);

    /// <summary>A new code.</summary>
    public LabAnswer Begin(string origin, TimeSpan lifetime)
    {
        var user = RandomNumberGenerator.GetString("BCDFGHJKLMNPQRSTVWXYZ23456789", 9);
        var device = RandomNumberGenerator.GetHexString(32);
        entered[user] = false;
        devices[device] = user;
        return new LabAnswer(200, new JsonObject
        {
            ["user_code"] = user,
            ["device_code"] = device,
            ["verification_uri"] = $"{origin}/devicelogin",
            ["expires_in"] = (int)lifetime.TotalSeconds,
            ["interval"] = 1,
            ["message"] = $"To sign in, use a web browser to open the page {origin}/devicelogin and enter the code {user} to authenticate.",
        });
    }

    /// <summary>Somebody enters the code and consents.</summary>
    public bool Enter(string user) => entered.TryUpdate(user, true, false);

    /// <summary>Tokens for a code that was entered, or for a refresh token; null as long as nobody entered it.</summary>
    public LabAnswer? Redeem(ODataQuery form, TimeSpan lifetime)
    {
        var known = form["grant_type"] == RefreshGrant
            ? form["refresh_token"] is { } old && refreshes.ContainsKey(old)
            : (form["device_code"] ?? form["code"]) is { } device && devices.TryGetValue(device, out var user) && entered[user];
        if (!known)
        {
            return null;
        }

        var scope = form["scope"]!.Split(' ').FirstOrDefault(s => s.EndsWith("/.default", StringComparison.Ordinal)) ?? "/.default";
        var refresh = RandomNumberGenerator.GetHexString(32);
        refreshes[refresh] = true;
        return new LabAnswer(200, new JsonObject
        {
            ["token_type"] = "Bearer",
            ["scope"] = scope,
            ["expires_in"] = lifetime.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
            ["access_token"] = tokens.Issue(clientId, scope[..^"/.default".Length], lifetime, Claims()),
            ["refresh_token"] = refresh,
            ["id_token"] = tokens.Issue(clientId, clientId, lifetime, Claims()),
            ["client_info"] = AccessTokens.Encode(Encoding.UTF8.GetBytes(new JsonObject { ["uid"] = Person, ["utid"] = tenantId }.ToJsonString())),
        });
    }

    private static JsonObject Claims() => new()
    {
        ["idtyp"] = "user",
        ["oid"] = Person,
        ["sub"] = Person,
        ["name"] = "Ada of the lab",
        ["preferred_username"] = "ada@lab.example",
    };
}
