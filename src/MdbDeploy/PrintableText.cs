using System.Buffers;
using System.Globalization;
using System.Text;

namespace MdbDeploy;

/// <summary>Texts from outside as people may see them.</summary>
public static class PrintableText
{
    private static readonly SearchValues<char> Ascii = SearchValues.Create(Enumerable.Range(' ', 0x7F - ' ').Select(c => (char)c).ToArray());

    /// <summary>
    /// A text on one line and without characters that a console would obey: control characters, those that turn the direction of writing or are not seen, and line ends stand as
    /// <c>\n</c> or <c>\u001B</c>.
    /// </summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyExcept(Ascii) < 0)
        {
            return text.ToString();
        }

        var shown = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            shown.Append(rune.Value switch
            {
                '\r' => "\\r",
                '\n' => "\\n",
                '\t' => "\\t",
                _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => $"\\u{rune.Value:X4}",
                _ => rune.ToString(),
            });
        }

        return shown.ToString();
    }
}
