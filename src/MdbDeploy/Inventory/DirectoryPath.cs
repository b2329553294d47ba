using System.Buffers;
using System.Globalization;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>Distinguished and canonical names of Active Directory (RFC 4514; Active Directory's constructed attribute canonicalName).</summary>
internal static class DirectoryPath
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",+\"\\<>;=");

    /// <summary>Value of the first part of a distinguished name, unescaped when it needs to be.</summary>
    public static ReadOnlySpan<char> LeafOf(ReadOnlySpan<char> dn)
    {
        var part = dn[..PartLength(dn)];
        var value = part[(part.IndexOf('=') + 1)..].Trim();
        return value.Contains('\\') ? Unescape(value, hasBytes: true) : value;
    }

    /// <summary>The distinguished name without its first part; empty when there is only one.</summary>
    public static ReadOnlySpan<char> ParentOf(ReadOnlySpan<char> dn)
    {
        var length = PartLength(dn);
        return length < dn.Length ? dn[(length + 1)..].TrimStart() : default;
    }

    /// <summary>DNS name from the DC parts, lower case; null when there are none.</summary>
    public static string? DomainOf(ReadOnlySpan<char> dn)
    {
        var domain = new StringBuilder();
        while (!dn.IsEmpty)
        {
            if (dn.StartsWith("DC=", StringComparison.OrdinalIgnoreCase))
            {
                var value = dn[3..PartLength(dn)].Trim();
                domain.Append(domain.Length == 0 ? "" : ".").Append(value);
            }

            dn = ParentOf(dn);
        }

        return domain.Length == 0 ? null : domain.ToString().ToLowerInvariant();
    }

    /// <summary>
    /// The distinguished name a canonical name stands for: <c>corp.example/Sales/North</c> is <c>OU=North,OU=Sales,DC=corp,DC=example</c>. A canonical name does not
    /// tell containers from organisational units; only the default container Computers is known to be the former.
    /// </summary>
    public static string? FromCanonical(ReadOnlySpan<char> canonical)
    {
        var slash = canonical.IndexOf('/');
        var domain = slash < 0 ? canonical : canonical[..slash];
        if (!NameText.IsDns(domain))
        {
            return null;
        }

        var dn = new StringBuilder();
        if (slash >= 0)
        {
            var path = canonical[(slash + 1)..];
            while (!path.IsEmpty)
            {
                var at = LastSeparator(path);
                var part = path[(at + 1)..];
                if (!part.IsEmpty)
                {
                    var isContainer = at < 0 && part.Equals("Computers", StringComparison.OrdinalIgnoreCase);
                    dn.Append(isContainer ? "CN=" : "OU=").Append(Escape(Unescape(part))).Append(',');
                }

                path = at < 0 ? default : path[..at];
            }
        }

        foreach (var range in domain.Split('.'))
        {
            dn.Append("DC=").Append(domain[range]).Append(',');
        }

        return dn.ToString(0, dn.Length - 1);
    }

    /// <summary>Whether a text starts with the DNS name of a domain, as canonical names do.</summary>
    public static bool IsCanonical(ReadOnlySpan<char> text) => NameText.IsDns(text.IndexOf('/') is >= 0 and var slash ? text[..slash] : text);

    /// <summary>Last slash that is not escaped.</summary>
    public static int LastSeparator(ReadOnlySpan<char> canonical)
    {
        for (var i = canonical.Length - 1; i >= 0; i--)
        {
            if (canonical[i] == '/' && (i == 0 || canonical[i - 1] != '\\'))
            {
                return i;
            }
        }

        return -1;
    }

    private static int PartLength(ReadOnlySpan<char> dn)
    {
        for (var i = 0; i < dn.Length; i++)
        {
            if (dn[i] == '\\')
            {
                i++;
            }
            else if (dn[i] == ',')
            {
                return i;
            }
        }

        return dn.Length;
    }

    /// <summary>Takes away the backslashes: one stands before a character or, in distinguished names, before two hexadecimal digits that are a byte of UTF-8 (RFC 4514, 2.4).</summary>
    private static string Unescape(ReadOnlySpan<char> value, bool hasBytes = false)
    {
        var text = new StringBuilder(value.Length);
        var bytes = new List<byte>();
        for (var i = 0; i < value.Length; i++)
        {
            if (hasBytes && value[i] == '\\' && i + 2 < value.Length && byte.TryParse(value.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
            {
                bytes.Add(b);
                i += 2;
                continue;
            }

            AppendBytes();
            i += value[i] == '\\' && i + 1 < value.Length ? 1 : 0;
            text.Append(value[i]);
        }

        AppendBytes();
        return text.ToString();

        void AppendBytes()
        {
            text.Append(Encoding.UTF8.GetString([.. bytes]));
            bytes.Clear();
        }
    }

    private static string Escape(string value)
    {
        if (!value.AsSpan().ContainsAny(Special))
        {
            return value;
        }

        var text = new StringBuilder(value.Length + 4);
        foreach (var c in value)
        {
            text.Append(Special.Contains(c) ? "\\" : "").Append(c);
        }

        return text.ToString();
    }
}
