using Azure.Core;
using Azure.Identity;
using MdbDeploy.Targets;
using MdbDeploy.Targets.Http;
using Microsoft.Extensions.Time.Testing;
using static MdbDeploy.Tests.Targets.Http.Scripted;

namespace MdbDeploy.Tests.Targets.Http;

public sealed class Tokens
{
    [Fact]
    public async Task A_token_is_fetched_once_until_it_is_about_to_expire()
    {
        var credential = new Issuer();
        using var tokens = new TokenSource(credential, "https://graph.test/.default", credential.Time);
        using var server = new Scripted(Answer(200));
        using var client = new RestClient(new() { BaseAddress = RestClientRetries.Base }, server, server.Time, tokens);

        await client.SendAsync(RestRequest.Get("groups"), Cancel);
        await client.SendAsync(RestRequest.Get("groups"), Cancel);
        credential.Time.Advance(TimeSpan.FromMinutes(58));
        await client.SendAsync(RestRequest.Get("groups"), Cancel);

        server.Requests.Select(r => r.Authorization).ShouldBe(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
        credential.Asked.ShouldAllBe(c => c.Scopes.Single() == "https://graph.test/.default" && c.Claims == null);
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_with_the_claims_that_the_server_wants()
    {
        var credential = new Issuer();
        using var tokens = new TokenSource(credential, "https://graph.test/.default", credential.Time);
        using var server = new Scripted(Answer(401, challenge: "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\""), Answer(201));
        using var client = new RestClient(new() { BaseAddress = RestClientRetries.Base }, server, server.Time, tokens);

        var response = await client.SendAsync(new RestRequest(HttpMethod.Post, "groups"), Cancel);

        response.Status.ShouldBe(201);
        server.Requests.Select(r => r.Authorization).ShouldBe(["Bearer token-1", "Bearer token-2"]);
        credential.Asked[1].Claims.ShouldBe("""{"access_token":{}}""");
    }

    [Fact]
    public async Task A_token_that_is_refused_again_ends_in_an_error()
    {
        var credential = new Issuer();
        using var tokens = new TokenSource(credential, "https://graph.test/.default", credential.Time);
        using var server = new Scripted(Answer(401, """{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed."}}"""));
        using var client = new RestClient(new() { BaseAddress = RestClientRetries.Base }, server, server.Time, tokens);

        var response = await client.SendAsync(RestRequest.Get("groups"), Cancel);

        server.Requests.Count.ShouldBe(2);
        var diagnostic = Should.Throw<TargetException>(() => response.EnsureSuccess()).Diagnostic;
        diagnostic.Code.ShouldBe("MDB0753");
        diagnostic.Message.ShouldContain("Lifetime validation failed.");
        diagnostic.Message.ShouldNotContain("token-");
    }

    [Fact]
    public async Task Requests_at_the_same_time_share_one_sign_in_and_one_renewal()
    {
        var credential = new Issuer();
        using var tokens = new TokenSource(credential, "https://graph.test/.default", credential.Time);

        var first = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => tokens.GetAsync(Cancel)));
        var renewed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => tokens.RenewAsync(first[0], null, Cancel)));

        first.ShouldAllBe(t => t == "token-1");
        renewed.ShouldAllBe(t => t == "token-2");
    }

    [Fact]
    public async Task A_failed_sign_in_tells_the_providers_reason()
    {
        var credential = new Issuer
        {
            Failure = new AuthenticationFailedException(
                "ClientSecretCredential authentication failed: see the troubleshooting guide\nmore",
                new InvalidOperationException("A configuration issue. Original exception: AADSTS7000215: Invalid client secret provided.\nTrace ID: 1")),
        };
        using var tokens = new TokenSource(credential, "https://graph.test/.default", credential.Time);

        var error = await Should.ThrowAsync<TargetException>(tokens.GetAsync(Cancel));

        error.Diagnostic.Code.ShouldBe("MDB0753");
        error.Message.ShouldBe("Signing in for https://graph.test/.default failed: AADSTS7000215: Invalid client secret provided.");
    }

    private sealed class Issuer : TokenCredential
    {
        public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

        public List<TokenRequestContext> Asked { get; } = [];

        public Exception? Failure { get; init; }

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            await Task.Yield();
            if (Failure is not null)
            {
                throw Failure;
            }

            lock (Asked)
            {
                Asked.Add(requestContext);
                return new AccessToken($"token-{Asked.Count}", Time.GetUtcNow().AddHours(1));
            }
        }
    }
}
