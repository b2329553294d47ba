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
}
