namespace MdbDeploy.Projects;

/// <summary>Recognises keys that would hold a secret. Secrets come from the environment or the credential chain, never from a file.</summary>
internal static class SecretKeys
{
    private static readonly string[] Endings = ["secret", "secrets", "password", "passwd", "pwd", "passphrase", "token", "apikey", "accesskey", "privatekey", "connectionstring", "onboardingblob", "offboardingblob", "blob"];

    /// <summary>Whether a key, in any spelling (<c>clientSecret</c>, <c>client-secret</c>, <c>CLIENT_SECRET</c>), names a secret.</summary>
    public static bool IsOne(string key)
    {
        var letters = string.Concat(key.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return Array.Exists(Endings, ending => letters.EndsWith(ending, StringComparison.Ordinal));
    }
}
