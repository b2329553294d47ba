using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Lab.OData;

namespace MdbDeploy.Lab.Entra;

/// <summary>
/// The token endpoint of Entra ID for an application that signs in as itself, with a secret, a certificate or a
/// pipeline's identity token
/// (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow), or for a person who enters a code (<see cref="DeviceCodes"/>), and the discovery documents around it.
/// </summary>
internal sealed class TokenEndpoint(LabOptions options, AccessTokens tokens, string tenantId, string clientId, string clientSecret)
{
    private const string FederationAudience = "api://AzureADTokenExchange";

    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(5);

    private readonly DeviceCodes deviceCodes = new(tokens, tenantId, clientId);

    /// <summary>A person enters a code and consents; false when nobody is waiting for this code.</summary>
    public bool EnterCode(string userCode) => deviceCodes.Enter(userCode);

    public LabAnswer? Answer(LabRequest request) => request.Segments switch
    {
        [_, "oauth2", "v2.0", "devicecode"] when request.Method == "POST" => deviceCodes.Begin(request.Origin, options.Habits.CodeLifetime),
        [_, "oauth2", "v2.0", "token"] when request.Method == "POST" => Token(request),
        ["pipeline", "github"] when request.Method == "GET" && request.Header("Authorization") == $"Bearer {clientSecret}" => new LabAnswer(200, new JsonObject { ["value"] = tokens.Issue("repo:contoso/rollout", request.Query["audience"] ?? "", Minutes) }),
        ["pipeline", "azure"] when request.Method == "POST" && request.Header("Authorization") == $"Bearer {clientSecret}" => new LabAnswer(200, new JsonObject { ["oidcToken"] = tokens.Issue("sc://contoso/rollout", FederationAudience, Minutes) }),
        [_, "v2.0", ".well-known", "openid-configuration"] => new LabAnswer(200, new JsonObject
        {
            ["issuer"] = $"{request.Origin}/{tenantId}/v2.0",
            ["token_endpoint"] = $"{request.Origin}/{tenantId}/oauth2/v2.0/token",
            ["authorization_endpoint"] = $"{request.Origin}/{tenantId}/oauth2/v2.0/authorize",
            ["device_authorization_endpoint"] = $"{request.Origin}/{tenantId}/oauth2/v2.0/devicecode",
            ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "private_key_jwt"),
        }),
        [_, "discovery", "instance"] => new LabAnswer(200, new JsonObject
        {
            ["tenant_discovery_endpoint"] = $"{request.Origin}/{tenantId}/v2.0/.well-known/openid-configuration",
            ["api-version"] = "1.1",
            ["metadata"] = new JsonArray(new JsonObject
            {
                ["preferred_network"] = new Uri(request.Origin).Authority,
                ["preferred_cache"] = new Uri(request.Origin).Authority,
                ["aliases"] = new JsonArray(new Uri(request.Origin).Authority),
            }),
        }),
        _ => null,
    };

    private LabAnswer Token(LabRequest request)
    {
        var form = ODataQuery.Parse(Encoding.UTF8.GetString(request.Content.Span));
        var tenant = request.Segments[0];
        if (!string.Equals(tenant, tenantId, StringComparison.OrdinalIgnoreCase))
        {
            return Error(400, "invalid_request", 90002, $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");
        }

        foreach (var name in new[] { "grant_type", "client_id", "scope" })
        {
            if (string.IsNullOrEmpty(form[name]))
            {
                return Error(400, "invalid_request", 900144, $"The request body must contain the following parameter: '{name}'.");
            }
        }

        if (form["grant_type"] is DeviceCodes.Grant or DeviceCodes.RefreshGrant)
        {
            return deviceCodes.Redeem(form, options.Habits.TokenLifetime) is { } answer ? answer
                : Error(400, "authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
        }

        if (form["grant_type"] != "client_credentials")
        {
            return Error(400, "unsupported_grant_type", 70003, $"The app requested an unsupported grant type '{form["grant_type"]}'.");
        }

        if (!string.Equals(form["client_id"], clientId, StringComparison.OrdinalIgnoreCase))
        {
            return Error(400, "unauthorized_client", 700016, $"Application with identifier '{form["client_id"]}' was not found in the directory 'MdbDeploy Lab'.");
        }

        if (!form["scope"]!.EndsWith("/.default", StringComparison.Ordinal))
        {
            return Error(400, "invalid_scope", 1002012, $"The provided value for scope {form["scope"]} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).");
        }

        if (form["client_assertion"] is { } assertion)
        {
            // A pipeline's identity token, for which the application has a federated credential; or one that the application signed with its certificate.
            if (tokens.Check($"Bearer {assertion}", audience => audience == FederationAudience).ClientId is null && Problem(assertion, $"{request.Origin}{request.Path}") is { } problem)
            {
                return Error(401, "invalid_client", 700027, problem);
            }
        }
        else if (form["client_secret"] is not { Length: > 0 } secret)
        {
            return Error(401, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
        }
        else if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(clientSecret)))
        {
            return Error(401, "invalid_client", 7000215, $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{clientId}'.");
        }

        var lifetime = options.Habits.TokenLifetime;
        return new LabAnswer(200, new JsonObject
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = (int)lifetime.TotalSeconds,
            ["ext_expires_in"] = (int)lifetime.TotalSeconds,
            ["access_token"] = tokens.Issue(clientId, form["scope"]![..^"/.default".Length], lifetime),
        });
    }

    /// <summary>Checks a client assertion as MSAL makes it: PS256, x5t#S256, the token address as audience, ten minutes of life.</summary>
    private string? Problem(string assertion, string audience)
    {
        var parts = assertion.Split('.');
        if (parts.Length != 3 || Json(parts[0]) is not { } head || Json(parts[1]) is not { } claims)
        {
            return "The client assertion is not a valid JWT.";
        }

        if (options.ClientCertificate is not { } certificate || certificate.GetRSAPublicKey() is not { } rsa)
        {
            return "The certificate used to sign the client assertion is not registered on application. [Reason - The key was not found.]";
        }

        if (head["alg"]?.ToString() != "PS256")
        {
            return "The client assertion must be signed with PS256.";
        }

        if (head["x5t#S256"]?.ToString() != AccessTokens.Encode(SHA256.HashData(certificate.RawData)))
        {
            return "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]";
        }

        if (!rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), AccessTokens.Decode(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pss))
        {
            return "Client assertion failed signature validation.";
        }

        // The client makes its assertion by its own clock, whatever the lab's shows.
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return claims["aud"]?.ToString() != audience ? "Client assertion audience claim does not match Realm issuer."
            : claims["iss"]?.ToString() != clientId || claims["sub"]?.ToString() != clientId ? "Client assertion iss and sub must be the client id."
            : !long.TryParse(claims["exp"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var expiry) || expiry < now ? "Client assertion is not within its valid time range."
            : null;
    }

    private static JsonObject? Json(string part)
    {
        try
        {
            return JsonNode.Parse(AccessTokens.Decode(part)) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private LabAnswer Error(int status, string error, int code, string message)
    {
        var now = options.Time.GetUtcNow();
        var trace = Guid.NewGuid().ToString();
        return new LabAnswer(status, new JsonObject
        {
            ["error"] = error,
            ["error_description"] = $"AADSTS{code}: {message} Trace ID: {trace} Correlation ID: {trace} Timestamp: {now:yyyy-MM-dd HH:mm:ss}Z",
            ["error_codes"] = new JsonArray(code),
            ["timestamp"] = $"{now:yyyy-MM-dd HH:mm:ss}Z",
            ["trace_id"] = trace,
            ["correlation_id"] = trace,
        });
    }
}
