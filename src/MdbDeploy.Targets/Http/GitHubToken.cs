using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>
/// The identity token of a GitHub Actions job, which Entra ID takes instead of a secret where the application has a federated credential for the repository
/// (docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/about-security-hardening-with-openid-connect).
/// </summary>
internal sealed class GitHubToken(Func<string, string?> environment, string? caFile)
{
    private const string Audience = "api://AzureADTokenExchange";

    /// <summary>Fetches a token; each lives a few minutes.</summary>
    /// <exception cref="TargetException">The job has none.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        var address = environment("ACTIONS_ID_TOKEN_REQUEST_URL");
        var bearer = environment("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps || string.IsNullOrEmpty(bearer))
        {
            throw Missing("'auth: github' needs the environment variables ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN.");
        }

        using var http = new HttpClient(Transport.Create(caFile)) { Timeout = TimeSpan.FromSeconds(20) };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{url.AbsoluteUri}{(url.Query.Length > 0 ? "&" : "?")}audience={Uri.EscapeDataString(Audience)}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode && (JsonNode.Parse(text) as JsonObject)?["value"]?.ToString() is { Length: > 0 } token
                ? token
                : throw Missing($"{url.Authority} answered {(int)answer.StatusCode} to the request for an identity token.");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw Missing($"{url.Authority} gave no identity token: {(e is JsonException ? "the answer is no JSON" : e.Message)}.");
        }
    }

    private static TargetException Missing(string why) => new(Problems.PipelineTokenMissing.At(Location.Of("github"), why));
}
