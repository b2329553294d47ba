using System.Text;
using Azure.Core;
using Azure.Identity;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>Access tokens of one audience: fetched once, kept until shortly before they expire. The only place that touches a token.</summary>
/// <param name="credential">How to sign in.</param>
/// <param name="scope">Audience with <c>/.default</c>, for example <c>https://graph.microsoft.com/.default</c>.</param>
/// <param name="time">The clock.</param>
public sealed class TokenSource(TokenCredential credential, string scope, TimeProvider time) : IDisposable
{
    // Long enough for the slowest single request (RestOptions.AttemptTimeout) to arrive with a token that still holds.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(3);

    private readonly SemaphoreSlim gate = new(1, 1);
    private AccessToken current;

    /// <summary>A token that still holds for a while.</summary>
    /// <param name="cancellationToken">Ends the sign-in.</param>
    /// <exception cref="TargetException">Sign-in failed; the message says why, without any secret.</exception>
    public Task<string> GetAsync(CancellationToken cancellationToken) => GetAsync(null, null, cancellationToken);

    /// <summary>What the token allows; null when it does not tell.</summary>
    /// <param name="cancellationToken">Ends the sign-in.</param>
    /// <exception cref="TargetException">Sign-in failed.</exception>
    public async Task<GrantedPermissions?> PermissionsAsync(CancellationToken cancellationToken) => GrantedPermissions.Read(await GetAsync(cancellationToken));

    /// <summary>Another token, after the server refused one.</summary>
    /// <param name="refused">The token that was refused. Where another request renewed it meanwhile, nothing more is fetched.</param>
    /// <param name="challenge">The server's <c>WWW-Authenticate</c> header; it may name claims that the next token must hold (continuous access evaluation).</param>
    /// <param name="cancellationToken">Ends the sign-in.</param>
    /// <exception cref="TargetException">Sign-in failed; the message says why, without any secret.</exception>
    public Task<string> RenewAsync(string refused, string? challenge, CancellationToken cancellationToken) =>
        // Any claims make the sign-in library pass its own cache by, which holds the refused token.
        GetAsync(refused, Claims(challenge) ?? "{}", cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task<string> GetAsync(string? refused, string? claims, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (current.Token is null || current.Token == refused || current.ExpiresOn - time.GetUtcNow() < Margin)
            {
                current = await credential.GetTokenAsync(new TokenRequestContext([scope], claims: claims), cancellationToken);
            }

            return current.Token;
        }
        catch (Exception e) when (Causes(e).Any(c => c.GetType().Name == "MsalCachePersistenceException"))
        {
            throw new TargetException(Problems.TokenCacheUnavailable.At(Location.None, $"Signing in for {scope} failed: {Causes(e).Last().Message.Split('\n')[0].Trim()}"), e);
        }
        catch (AuthenticationFailedException e) when (Causes(e).OfType<TargetException>().FirstOrDefault() is { } ours)
        {
            throw new TargetException(ours.Diagnostic, e);
        }
        catch (AuthenticationFailedException e)
        {
            throw new TargetException(Problems.SignInRefused.At(Location.None, $"Signing in for {scope} failed: {Reason(e)}"), e);
        }
        finally
        {
            gate.Release();
        }
    }

    // WWW-Authenticate: Bearer realm="", error="insufficient_claims", claims="BASE64" (learn.microsoft.com/entra/identity-platform/claims-challenge).
    private static string? Claims(string? challenge)
    {
        const string Key = "claims=\"";
        var start = challenge?.IndexOf(Key, StringComparison.OrdinalIgnoreCase) ?? -1;
        if (start < 0)
        {
            return null;
        }

        var value = challenge![(start + Key.Length)..].Split('"')[0].Replace('-', '+').Replace('_', '/');
        var bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value.PadRight((value.Length + 3) / 4 * 4, '='), bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : null;
    }

    /// <summary>The identity provider's reason: the innermost message that carries its code, else the first line.</summary>
    private static string Reason(Exception exception)
    {
        var messages = Causes(exception).Select(e => e.Message).ToList();
        var message = messages.Find(m => m.Contains("AADSTS", StringComparison.Ordinal)) ?? messages[^1];
        var start = Math.Max(0, message.IndexOf("AADSTS", StringComparison.Ordinal));
        return message[start..].Split('\n')[0].Trim();
    }

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }
}
