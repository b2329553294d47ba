using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Targets.Http;

/// <summary>How to sign in to Entra ID, as a target's settings say. Secrets are not among them: they come from the environment (<see cref="SignIn"/>).</summary>
public sealed record SignInSettings
{
    /// <summary>The values of <c>auth</c>.</summary>
    public static readonly ImmutableArray<string> Methods =
        ["client-secret", "certificate", "device-code", "browser", "managed-identity", "workload-identity", "github", "azure-pipelines", "azure-cli"];

    /// <summary>The keys read here.</summary>
    public static readonly ImmutableArray<string> Keys = ["tenantId", "clientId", "auth", "authority", "caFile", "certificateFile", "serviceConnectionId", "tokenCache"];

    /// <summary><c>tenantId</c>: GUID or domain name of the tenant; null where the method knows it.</summary>
    public string? TenantId { get; init; }

    /// <summary><c>clientId</c>: GUID of the application; null where the method needs none.</summary>
    public string? ClientId { get; init; }

    /// <summary><c>auth</c>: one of <see cref="Methods"/>.</summary>
    public required string Method { get; init; }

    /// <summary><c>authority</c>: address of the identity provider, for national clouds; null for the public cloud's.</summary>
    public Uri? Authority { get; init; }

    /// <summary><c>caFile</c>: PEM file of the certificate authorities to trust; null for the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary><c>certificateFile</c>: PEM file with its key, or PFX, for <c>auth: certificate</c>.</summary>
    public string? CertificateFile { get; init; }

    /// <summary><c>serviceConnectionId</c>: the service connection of <c>auth: azure-pipelines</c>.</summary>
    public string? ServiceConnectionId { get; init; }

    /// <summary><c>tokenCache</c>: whether tokens are kept on disk between commands, encrypted by the operating system. Where it cannot encrypt, nothing is kept and signing in fails.</summary>
    public bool CachesTokens { get; init; }

    /// <summary>
    /// File that remembers who signed in (<c>auth: browser</c> and <c>device-code</c> with <see cref="CachesTokens"/>), so that the kept token is found again. It holds names and
    /// identifiers, no token.
    /// </summary>
    public string? AccountFile { get; init; }

    /// <summary>Reads the settings and reports everything that is wrong with them.</summary>
    /// <param name="settings">The target's settings.</param>
    /// <param name="name">What they are called, for example <c>targets.graph</c>.</param>
    /// <param name="folder">Folder that relative file names are relative to.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static SignInSettings Read(JsonObject settings, string name, string folder, ICollection<Diagnostic> problems)
    {
        var method = SettingText.Read(settings, "auth", name, problems) ?? "device-code";
        if (!Methods.Contains(method))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{name}.auth"), $"'{method}' is no way to sign in; there are {string.Join(", ", Methods)}."));
        }

        var read = new SignInSettings
        {
            Method = method,
            TenantId = SettingText.Read(settings, "tenantId", name, problems),
            ClientId = SettingText.Read(settings, "clientId", name, problems),
            Authority = SettingText.ReadAddress(settings, "authority", name, problems),
            CaFile = File("caFile"),
            CertificateFile = File("certificateFile"),
            ServiceConnectionId = SettingText.Read(settings, "serviceConnectionId", name, problems),
            CachesTokens = SettingText.ReadFlag(settings, "tokenCache", name, problems),
            AccountFile = Path.Combine(folder, ".mdbdeploy", "account.json"),
        };
        var needsBoth = method is "client-secret" or "certificate" or "device-code" or "browser" or "github" or "azure-pipelines";
        Require("serviceConnectionId", method == "azure-pipelines" && read.ServiceConnectionId is null);
        Require("tenantId", needsBoth && read.TenantId is null);
        Require("clientId", needsBoth && read.ClientId is null);
        Require("certificateFile", method == "certificate" && read.CertificateFile is null);
        if (read.TenantId is { } tenant && (tenant.Length > 253 || tenant.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.'))))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{name}.tenantId"), $"'{tenant}' is neither the GUID nor a domain name of a tenant."));
        }

        if (read.ClientId is { } client && !Guid.TryParse(client, out _))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{name}.clientId"), $"'{client}' is no application (client) id: that is a GUID."));
        }

        return read;

        string? File(string key) => SettingText.Read(settings, key, name, problems) is { } file ? Path.Combine(folder, file) : null;

        void Require(string key, bool isMissing)
        {
            if (isMissing && !settings.ContainsKey(key))
            {
                problems.Add(Problems.TargetSettingMissing.At(Location.Of($"{name}.{key}"), $"'auth: {method}' needs '{key}'."));
            }
        }
    }
}

/// <summary>Reads single values of a target's settings.</summary>
internal static class SettingText
{
    /// <summary>A text; null when it is absent or, with a problem reported, no text.</summary>
    public static string? Read(JsonObject settings, string key, string name, ICollection<Diagnostic> problems)
    {
        if (settings[key] is not { } node)
        {
            return null;
        }

        if (node is JsonValue value && value.TryGetValue<string>(out var text) && text.Trim().Length > 0)
        {
            return text.Trim();
        }

        problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{name}.{key}"), $"'{key}' must be a text."));
        return null;
    }

    /// <summary>Yes or no; no when it is absent or, with a problem reported, neither.</summary>
    public static bool ReadFlag(JsonObject settings, string key, string name, ICollection<Diagnostic> problems)
    {
        if (settings[key] is not { } node)
        {
            return false;
        }

        if (node is JsonValue value && (value.TryGetValue<bool>(out var flag) || (value.TryGetValue<string>(out var text) && bool.TryParse(text, out flag))))
        {
            return flag;
        }

        problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{name}.{key}"), $"'{key}' must be true or false."));
        return false;
    }

    /// <summary>An address over TLS without path, user or query; null when it is absent or, with a problem reported, none.</summary>
    public static Uri? ReadAddress(JsonObject settings, string key, string name, ICollection<Diagnostic> problems)
    {
        if (Read(settings, key, name, problems) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && address.PathAndQuery == "/" && address.UserInfo.Length == 0)
        {
            return address;
        }

        problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{name}.{key}"), $"'{key}' must be an address such as https://graph.microsoft.com: https, and nothing after the host."));
        return null;
    }

    /// <summary>Reports keys that mean nothing: a typing error would otherwise go unnoticed.</summary>
    public static void CheckKeys(JsonObject settings, IEnumerable<string> known, string name, ICollection<Diagnostic> problems)
    {
        foreach (var key in settings.Select(p => p.Key).Except(known, StringComparer.Ordinal))
        {
            problems.Add(Problems.TargetSettingInvalid.At(Location.Of($"{name}.{key}"), $"'{key}' is no setting here; there are {string.Join(", ", known)}."));
        }
    }
}
