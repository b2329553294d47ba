using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>Signing in to Entra ID with Azure.Identity. Secrets are read from the environment here and go nowhere else.</summary>
public static class SignIn
{
    /// <summary>Environment variables that hold the client secret, in order.</summary>
    public static readonly IReadOnlyList<string> SecretVariables = ["MDBDEPLOY_CLIENT_SECRET", "AZURE_CLIENT_SECRET"];

    /// <summary>Environment variables that hold the password of the certificate file, in order.</summary>
    public static readonly IReadOnlyList<string> PasswordVariables = ["MDBDEPLOY_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"];

    // The library waits 100 s for an answer and tries four times; an address that is not there would cost minutes.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Makes a credential. Nothing is sent before its first token is asked for.</summary>
    /// <param name="settings">How to sign in.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="tell">Shows a person where to enter the code of <c>auth: device-code</c>.</param>
    /// <returns>The credential, or what is missing.</returns>
    public static Outcome<TokenCredential> Create(SignInSettings settings, Func<string, string?> environment, Action<string> tell)
    {
        try
        {
            return new Outcome<TokenCredential>(Credential(settings, environment, tell), []);
        }
        catch (TargetException e)
        {
            return new Outcome<TokenCredential>(null, [e.Diagnostic]);
        }
    }

    private static TokenCredential Credential(SignInSettings settings, Func<string, string?> environment, Action<string> tell)
    {
        switch (settings.Method)
        {
            case "client-secret":
                var secret = First(SecretVariables, environment) ?? throw new TargetException(Problems.SecretMissing.At(
                    Location.Of(SecretVariables[0]), $"'auth: client-secret' needs the secret in the environment variable {string.Join(" or ", SecretVariables)}."));
                return new ClientSecretCredential(
                    settings.TenantId, settings.ClientId, secret, Short(new ClientSecretCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings), TokenCachePersistenceOptions = Cache(settings) }, settings));
            case "certificate":
                var certificate = Load(settings.CertificateFile!, First(PasswordVariables, environment));
                return new ClientCertificateCredential(
                    settings.TenantId, settings.ClientId, certificate, Short(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings), TokenCachePersistenceOptions = Cache(settings) }, settings));
            case "browser":
                var browser = new InteractiveBrowserCredential(Short(
                    new InteractiveBrowserCredentialOptions
                    {
                        TenantId = settings.TenantId,
                        ClientId = settings.ClientId,
                        DisableInstanceDiscovery = IsPrivate(settings),
                        TokenCachePersistenceOptions = Cache(settings),
                        AuthenticationRecord = RememberedAccount.Load(settings),
                    },
                    settings));
                return RememberedAccount.Wrap(browser, browser.AuthenticateAsync, settings);
            case "managed-identity":
                return new ManagedIdentityCredential(Short(
                    new ManagedIdentityCredentialOptions(settings.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned), settings));
            case "workload-identity":
                return new WorkloadIdentityCredential(Short(
                    new WorkloadIdentityCredentialOptions { TenantId = settings.TenantId, ClientId = settings.ClientId, DisableInstanceDiscovery = IsPrivate(settings) }, settings));
            case "github":
                return new ClientAssertionCredential(
                    settings.TenantId,
                    settings.ClientId,
                    new GitHubToken(environment, settings.CaFile).GetAsync,
                    Short(new ClientAssertionCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings) }, settings));
            case "azure-pipelines":
                var systemToken = environment("SYSTEM_ACCESSTOKEN") is { Length: > 0 } given
                    ? given
                    : throw new TargetException(Problems.PipelineTokenMissing.At(Location.Of("SYSTEM_ACCESSTOKEN"), "'auth: azure-pipelines' needs the environment variable SYSTEM_ACCESSTOKEN."));
                return new AzurePipelinesCredential(
                    settings.TenantId, settings.ClientId, settings.ServiceConnectionId, systemToken, Short(new AzurePipelinesCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings) }, settings));
            case "azure-cli":
                return new AzureCliCredential(new AzureCliCredentialOptions { TenantId = settings.TenantId });
            default:
                var deviceCode = new DeviceCodeCredential(Short(
                    new DeviceCodeCredentialOptions
                    {
                        TenantId = settings.TenantId,
                        ClientId = settings.ClientId,
                        DisableInstanceDiscovery = IsPrivate(settings),
                        TokenCachePersistenceOptions = Cache(settings),
                        AuthenticationRecord = RememberedAccount.Load(settings),
                        DeviceCodeCallback = (code, _) =>
                        {
                            tell(code.Message);
                            return Task.CompletedTask;
                        },
                    },
                    settings));
                return RememberedAccount.Wrap(deviceCode, deviceCode.AuthenticateAsync, settings);
        }
    }

    /// <summary>Whether the identity provider is none of Microsoft's, which vouch for each other: then nobody is asked about it.</summary>
    private static bool IsPrivate(SignInSettings settings) =>
        settings.Authority is { } authority && !MicrosoftClouds.Authorities.Contains(authority);

    private static TokenCachePersistenceOptions? Cache(SignInSettings settings) =>
        // Unencrypted storage stays forbidden, as is the default: where the system has no keyring, signing in says so.
        settings.CachesTokens ? new TokenCachePersistenceOptions { Name = "mdbdeploy" } : null;

    private static T Short<T>(T options, SignInSettings settings)
        where T : TokenCredentialOptions
    {
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(500);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(5);
        options.Retry.NetworkTimeout = AnswerTimeout;
        options.AuthorityHost = settings.Authority ?? options.AuthorityHost;
        if (settings.CaFile is not null)
        {
            options.Transport = new HttpClientTransport(new HttpClient(Transport.Create(settings.CaFile)));
        }

        return options;
    }

    private static string? First(IEnumerable<string> names, Func<string, string?> environment) =>
        names.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value));

    private static X509Certificate2 Load(string file, string? password)
    {
        try
        {
            var certificate = Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12" ? X509CertificateLoader.LoadPkcs12FromFile(file, password)
                : password is null ? X509Certificate2.CreateFromPemFile(file)
                : X509Certificate2.CreateFromEncryptedPemFile(file, password);
            return certificate.HasPrivateKey
                ? certificate
                : throw new TargetException(Problems.CertificateFileUnreadable.At(new Location(file), "The certificate file holds no private key."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new TargetException(Problems.CertificateFileUnreadable.At(new Location(file), $"The certificate file cannot be read: {e.Message.TrimEnd('.')}."), e);
        }
    }
}
