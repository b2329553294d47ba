using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MdbDeploy.Packages;

/// <summary>
/// The onboarding or offboarding information: JSON whose <c>body</c> is a text that is JSON itself and is signed as it stands. It is only ever read, never
/// written again. SECRET.
/// </summary>
internal sealed partial record OnboardingBlob
{
    /// <summary>The bytes, without a byte order mark and blanks around them. SECRET.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Organisation.</summary>
    public required Guid OrganizationId { get; init; }

    /// <summary>Whether it offboards: such a blob lists <c>orgIds</c> and says when it expires.</summary>
    public required bool IsOffboarding { get; init; }

    /// <summary>When it expires; null when it does not say.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Whether it leads to the streamlined addresses.</summary>
    public bool IsStreamlined { get; init; }

    /// <summary>Whether it leads to the cloud of the United States government.</summary>
    public bool IsGovernmentCloud { get; init; }

    /// <summary>Data centre.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Version.</summary>
    public string? Version { get; init; }

    /// <summary>When the certificate of its signature expires; null when that certificate cannot be read.</summary>
    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>Never shows content.</summary>
    public override string ToString() => $"blob of {Bytes.Length} bytes";

    /// <summary>Whether some bytes look like a blob, readable or not: a JSON object with the members <c>body</c> and, inside it, <c>orgId</c>.</summary>
    public static bool LooksLike(ReadOnlySpan<byte> content) =>
        content[StartOf(content)..] is [(byte)'{', ..] json && json.IndexOf("\"body\""u8) > 0 && json.IndexOf("orgId\\\""u8) > 0;

    /// <summary>Reads a blob; null when it is damaged or none.</summary>
    public static OnboardingBlob? Parse(ReadOnlyMemory<byte> content)
    {
        var bytes = content[StartOf(content.Span)..];
        bytes = bytes[..bytes.Span.TrimEnd(" \t\r\n"u8).Length];
        try
        {
            using var outer = JsonDocument.Parse(bytes);
            if (Text(outer.RootElement, "body") is not { } text || !outer.RootElement.EnumerateObject().Any(p => p.Name.EndsWith("sig", StringComparison.Ordinal)))
            {
                return null;
            }

            using var inner = JsonDocument.Parse(text);
            var body = inner.RootElement;
            return Guid.TryParseExact(Text(body, "orgId"), "D", out var organization) ? Facts(bytes, organization, body, outer.RootElement) : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static OnboardingBlob Facts(ReadOnlyMemory<byte> bytes, Guid organization, JsonElement body, JsonElement signed)
    {
        var host = Uri.TryCreate(Text(body, "geoLocationUrl"), UriKind.Absolute, out var url) ? url.Host : "";
        return new OnboardingBlob
        {
            Bytes = bytes,
            OrganizationId = organization,
            IsOffboarding = body.TryGetProperty("orgIds", out _) || body.TryGetProperty("expirationTimestamp", out _),
            Expires = body.TryGetProperty("expirationTimestamp", out var stamp) ? FileTime(stamp) : null,
            IsStreamlined = host.Contains(".endpoint.security.microsoft.", StringComparison.OrdinalIgnoreCase) || body.TryGetProperty("partnerGeoLocation", out _),
            IsGovernmentCloud = host.EndsWith(".us", StringComparison.OrdinalIgnoreCase) || host.Contains("usg", StringComparison.OrdinalIgnoreCase)
                || (Text(body, "vortexGeoLocation") ?? "").StartsWith("FFL", StringComparison.OrdinalIgnoreCase),
            Datacenter = Text(body, "datacenter") is { } datacenter && PlainName.IsMatch(datacenter) ? datacenter : null,
            Version = Text(body, "version") is { } version && PlainName.IsMatch(version) ? version : null,
            CertificateExpires = Text(signed, "cert") is { } certificate ? NotAfter(certificate) : null,
        };
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A FILETIME: 100-nanosecond steps since 1601.</summary>
    private static DateTimeOffset? FileTime(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks - DateTime.FromFileTimeUtc(0).Ticks
            ? new DateTimeOffset(DateTime.FromFileTimeUtc(ticks))
            : null;
    }

    private static DateTimeOffset? NotAfter(string certificate)
    {
        try
        {
            using var loaded = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(certificate));
            return new DateTimeOffset(loaded.NotAfter.ToUniversalTime());
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private static int StartOf(ReadOnlySpan<byte> content)
    {
        var start = content.StartsWith("\uFEFF"u8) ? 3 : 0;
        return start + (content.Length - start - content[start..].TrimStart(" \t\r\n"u8).Length);
    }

    // What comes out of a blob and is shown to people: nothing but short plain words.
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName { get; }
}
