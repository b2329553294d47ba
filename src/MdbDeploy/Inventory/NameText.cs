using System.Buffers;

namespace MdbDeploy.Inventory;

/// <summary>The parts of a computer's name, whatever form a source writes it in.</summary>
internal readonly ref struct NameText
{
    /// <summary>Characters of the longest NetBIOS name of a computer.</summary>
    public const int LongestComputerName = 15;

    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The name itself.</summary>
    public ReadOnlySpan<char> Name { get; private init; }

    /// <summary>NetBIOS or DNS domain; empty when the text names none.</summary>
    public ReadOnlySpan<char> Domain { get; private init; }

    /// <summary>The whole DNS name; empty when the text is none.</summary>
    public ReadOnlySpan<char> Fqdn { get; private init; }

    /// <summary>The distinguished name; empty when the text is none.</summary>
    public ReadOnlySpan<char> DistinguishedName { get; private init; }

    /// <summary>
    /// Takes <c>NAME</c>, <c>NAME$</c>, <c>DOMAIN\NAME</c>, <c>name.domain</c>, a distinguished name or <c>pool/NAME</c> apart. Names of phones and the like, which
    /// may hold anything, come out as they are.
    /// </summary>
    public static NameText Parse(ReadOnlySpan<char> text)
    {
        if (text.Length == 0)
        {
            return default;
        }

        if (text.StartsWith("CN=", StringComparison.OrdinalIgnoreCase) && text.Contains(','))
        {
            return new NameText { Name = DirectoryPath.LeafOf(text), DistinguishedName = text };
        }

        if (text.StartsWith(@"\\") && IsWord(text[2..]))
        {
            // As in the path of a share.
            text = text[2..];
        }

        var domain = default(ReadOnlySpan<char>);
        if (text.IndexOf('\\') is > 0 and var back && back < text.Length - 1 && !text[..back].ContainsAny(' ', '\\') && IsWord(text[(back + 1)..]))
        {
            domain = text[..back];
            text = text[(back + 1)..];
        }
        else if (text.LastIndexOf('/') is > 0 and var slash && slash < text.Length - 1 && IsWord(text[(slash + 1)..]) && !text[..slash].Contains(' '))
        {
            text = text[(slash + 1)..];
        }

        if (text.Length > 1 && text[^1] == '$')
        {
            text = text[..^1];
        }
        else if (text.Length > 1 && text[^1] == '.' && IsDns(text[..^1]))
        {
            // The dot of the root (RFC 1034, 3.1).
            text = text[..^1];
        }

        return IsDns(text)
            ? new NameText { Name = text[..text.IndexOf('.')], Domain = domain.IsEmpty ? text[(text.IndexOf('.') + 1)..] : domain, Fqdn = text }
            : new NameText { Name = text, Domain = domain };
    }

    /// <summary>Whether a text is a DNS name of at least two labels, and no address.</summary>
    public static bool IsDns(ReadOnlySpan<char> text)
    {
        if (text.Length is < 3 or > 253 || !text.Contains('.'))
        {
            return false;
        }

        var lastIsNumber = true;
        foreach (var range in text.Split('.'))
        {
            var label = text[range];
            if (label.Length is 0 or > 63 || !IsWord(label))
            {
                return false;
            }

            lastIsNumber = label.IndexOfAnyExceptInRange('0', '9') < 0;
        }

        return !lastIsNumber;
    }

    /// <summary>Whether a Windows computer could have this name: letters, digits, dash and underscore.</summary>
    public static bool IsComputerName(ReadOnlySpan<char> text)
    {
        var rest = text.IndexOfAnyExcept(Plain);
        foreach (var c in rest < 0 ? default : text[rest..])
        {
            if (!char.IsLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    private static bool IsWord(ReadOnlySpan<char> text)
    {
        var rest = text.IndexOfAnyExcept(Plain);
        foreach (var c in rest < 0 ? default : text[rest..])
        {
            if (!char.IsLetterOrDigit(c) && c is not ('-' or '_' or '.' or '$'))
            {
                return false;
            }
        }

        return text.Length > 0;
    }
}
