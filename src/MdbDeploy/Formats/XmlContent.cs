using System.Text;
using System.Xml;
using System.Xml.Linq;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Formats;

/// <summary>XML from files that anybody may have written: no DTD, nothing loaded from elsewhere, bounded in size, and no exception when it is broken.</summary>
internal static class XmlContent
{
    private const long MaxCharacters = 64L << 20;

    /// <summary>Reads XML with line numbers.</summary>
    /// <param name="content">The bytes, in any encoding that XML knows.</param>
    /// <param name="file">The file, as messages name it.</param>
    /// <param name="problem">What to report when it cannot be read.</param>
    public static Outcome<XDocument> Read(ReadOnlyMemory<byte> content, string file, Problem problem)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxCharacters };
        try
        {
            using var stream = new MemoryStream(content.ToArray(), writable: false);
            using var reader = XmlReader.Create(stream, settings);
            return new(XDocument.Load(reader, LoadOptions.SetLineInfo | LoadOptions.PreserveWhitespace), []);
        }
        catch (XmlException broken)
        {
            return new(null, [problem.At(new Location(file, broken.LineNumber, broken.LinePosition), $"It is not well-formed XML: {broken.Message}")]);
        }
        catch (Exception broken) when (broken is ArgumentException or NotSupportedException)
        {
            // An encoding that is named in the declaration and not to be had, or bytes that it cannot decode.
            return new(null, [problem.At(new Location(file), $"Its encoding cannot be read: {broken.Message}")]);
        }
    }

    /// <summary>Where a node stands.</summary>
    public static Location Where(XObject node, string file) =>
        node is IXmlLineInfo info && info.HasLineInfo() ? new Location(file, info.LineNumber, info.LinePosition) : new Location(file);

    /// <summary>The bytes of a document as Group Policy Management writes preferences: UTF-8 without byte order mark, a declaration, CR LF.</summary>
    /// <param name="root">The root.</param>
    /// <param name="indent">What each level is indented by; empty for no layout.</param>
    public static byte[] Write(XElement root, string indent)
    {
        var settings = new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Indent = indent.Length > 0,
            IndentChars = indent,
            NewLineChars = "\r\n",
            NewLineHandling = NewLineHandling.Entitize,
            OmitXmlDeclaration = true,
        };
        using var stream = new MemoryStream();
        stream.Write("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"u8);
        using (var writer = XmlWriter.Create(stream, settings))
        {
            root.WriteTo(writer);
        }

        stream.Write("\r\n"u8);
        return stream.ToArray();
    }

    /// <summary>Whether XML 1.0 can hold a text as it is.</summary>
    public static bool IsText(string text) => Clean(text) == text;

    /// <summary>Characters that XML 1.0 does not allow become U+FFFD.</summary>
    public static string Clean(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                result.Append(text[i]).Append(text[++i]);
            }
            else
            {
                result.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
            }
        }

        return result.ToString();
    }
}
