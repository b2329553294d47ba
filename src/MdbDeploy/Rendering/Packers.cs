using System.Text;

namespace MdbDeploy.Rendering;

/// <summary>A rendered file before it becomes part of the bundle.</summary>
/// <param name="Path">Path, with <c>/</c>.</param>
/// <param name="Content">The bytes.</param>
/// <param name="IsSensitive">Whether it holds a secret.</param>
internal sealed record RenderedFile(string Path, ReadOnlyMemory<byte> Content, bool IsSensitive);

/// <summary>Turns rendered text into a file's bytes.</summary>
internal static class TextPacking
{
    /// <summary>The bytes of a text in an output's encoding and line ends.</summary>
    public static byte[] ToBytes(string text, ChannelOutput output)
    {
        var lines = text.ReplaceLineEndings(output.Crlf ? "\r\n" : "\n");
        Encoding encoding = output.Encoding switch
        {
            TextEncoding.Utf16Bom => new UnicodeEncoding(bigEndian: false, byteOrderMark: true),
            TextEncoding.Utf8Bom => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        return [.. encoding.Preamble, .. encoding.GetBytes(lines)];
    }
}
