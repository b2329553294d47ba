using Azure.Core;
using Azure.Identity;

namespace MdbDeploy.Targets.Http;

/// <summary>
/// Remembers who signed in, beside a token cache on disk: without it the library does not know which of the kept tokens to use and asks again
/// (learn.microsoft.com/dotnet/azure/sdk/authentication/token-caching). The record holds names and identifiers, no token.
/// </summary>
internal sealed class RememberedAccount : TokenCredential
{
    private readonly TokenCredential credential;
    private readonly Func<TokenRequestContext, CancellationToken, Task<AuthenticationRecord>> authenticate;
    private readonly string file;
    private bool isKnown;

    private RememberedAccount(TokenCredential credential, Func<TokenRequestContext, CancellationToken, Task<AuthenticationRecord>> authenticate, string file)
    {
        (this.credential, this.authenticate, this.file) = (credential, authenticate, file);
        isKnown = File.Exists(file);
    }

    /// <summary>The credential as it is where no token is kept; otherwise one that remembers.</summary>
    public static TokenCredential Wrap(TokenCredential credential, Func<TokenRequestContext, CancellationToken, Task<AuthenticationRecord>> authenticate, SignInSettings settings) =>
        settings is { CachesTokens: true, AccountFile: { } file } ? new RememberedAccount(credential, authenticate, file) : credential;

    /// <summary>Who signed in last; null when nobody did, or the file cannot be read: then the person is asked.</summary>
    public static AuthenticationRecord? Load(SignInSettings settings)
    {
        if (!settings.CachesTokens || !File.Exists(settings.AccountFile))
        {
            return null;
        }

        try
        {
            using var stream = File.OpenRead(settings.AccountFile);
            var record = AuthenticationRecord.Deserialize(stream);
            return record.ClientId == settings.ClientId ? record : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        if (!isKnown)
        {
            var record = await authenticate(requestContext, cancellationToken);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await using var stream = File.Create(file);
            await record.SerializeAsync(stream, cancellationToken);
            isKnown = true;
        }

        return await credential.GetTokenAsync(requestContext, cancellationToken);
    }

    /// <inheritdoc/>
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        GetTokenAsync(requestContext, cancellationToken).AsTask().GetAwaiter().GetResult();
}
