using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MdbDeploy.Rendering;

/// <summary>
/// Puts a text into another language so that it stays data there. Device names come from files that anybody may have written; every <c>{{ }}</c> of a
/// template goes through the escaper of the file it renders.
/// </summary>
public static class Escaping
{
    private static readonly FrozenDictionary<string, Func<string, string>> ByName = new Dictionary<string, Func<string, string>>(StringComparer.Ordinal)
    {
        ["ps1"] = PowerShell,
        ["cmd"] = Cmd,
        ["xml"] = Xml,
        ["json"] = Json,
        ["html"] = Html,
        ["csv"] = Csv,
        ["md"] = Markdown,
        ["txt"] = Line,
        ["ini"] = SingleLine,
        ["mof"] = Mof,
        ["lgpo"] = SingleLine,
        ["yaml"] = Yaml,
        ["hcl"] = Hcl,
        ["http"] = Http,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> ByExtension = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".ps1"] = "ps1",
        [".psm1"] = "ps1",
        [".psd1"] = "ps1",
        [".cmd"] = "cmd",
        [".bat"] = "cmd",
        [".xml"] = "xml",
        [".admx"] = "xml",
        [".adml"] = "xml",
        [".plist"] = "xml",
        [".mobileconfig"] = "xml",
        [".syncml"] = "xml",
        [".svg"] = "xml",
        [".json"] = "json",
        [".html"] = "html",
        [".htm"] = "html",
        [".csv"] = "csv",
        [".md"] = "md",
        [".txt"] = "txt",
        [".ini"] = "ini",
        [".inf"] = "ini",
        [".lgpo"] = "lgpo",
        [".mof"] = "mof",
        [".yaml"] = "yaml",
        [".yml"] = "yaml",
        [".hcl"] = "hcl",
        [".http"] = "http",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names that <c>escape:</c> in a channel.yaml may use.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>The escaper of a name; null when there is none of that name.</summary>
    public static Func<string, string>? OfName(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The escaper's name for a file, by its extension; null for a type of file that nobody has thought about, which is then refused.</summary>
    public static string? NameForFile(string path) => ByExtension.GetValueOrDefault(Path.GetExtension(path));

    /// <summary>
    /// For the inside of a single-quoted PowerShell string. Four typographic quotes end such a string as well (System.Management.Automation,
    /// <c>CodeGeneration.EscapeSingleQuotedStringContent</c>), so an OU called <c>L’Oréal</c> must double its apostrophe too.
    /// </summary>
    public static string PowerShell(string text) => Double(Unnull(text), "'\u2018\u2019\u201A\u201B");

    /// <summary>
    /// For the inside of a double-quoted argument in a batch file. cmd.exe has no way to quote a quotation mark or a line end, so such a text is refused.
    /// </summary>
    /// <exception cref="FormatException">The text holds a quotation mark, an exclamation mark or a control character.</exception>
    public static string Cmd(string text) => text.AsSpan().IndexOfAny('"', '!') >= 0 || text.Any(char.IsControl)
        ? throw new FormatException("a batch file cannot hold this value: it contains a quotation mark, an exclamation mark or a control character")
        : text.Replace("%", "%%", StringComparison.Ordinal);

    /// <summary>For the inside of a string in a Managed Object Format file (DSP0004 section 5.2.2 and annex A: backslash and quotation mark are escaped, other signs as <c>\x</c> and four digits).</summary>
    public static string Mof(string text)
    {
        var result = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
            {
                result.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X4}");
            }
            else
            {
                result.Append(c is '\\' or '"' ? "\\" : "").Append(c);
            }
        }

        return result.ToString();
    }

    /// <summary>For XML text and attribute values alike. Characters that XML 1.0 does not allow become U+FFFD.</summary>
    public static string Xml(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case '&': result.Append("&amp;"); break;
                case '<': result.Append("&lt;"); break;
                case '>': result.Append("&gt;"); break;
                case '"': result.Append("&quot;"); break;
                case '\'': result.Append("&apos;"); break;
                case '\t': result.Append("&#9;"); break;
                case '\n': result.Append("&#10;"); break;
                case '\r': result.Append("&#13;"); break;
                default:
                    if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                    {
                        result.Append(c).Append(text[++i]);
                    }
                    else
                    {
                        result.Append(c < ' ' || char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF' ? '\uFFFD' : c);
                    }

                    break;
            }
        }

        return result.ToString();
    }

    /// <summary>For the inside of a JSON string (RFC 8259).</summary>
    public static string Json(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    /// <summary>For a JSON string, a heading or an address in a file of HTTP requests, where REST clients replace what stands in double braces.</summary>
    public static string Http(string text) => Json(text).Replace("{", "\\u007B", StringComparison.Ordinal);

    /// <summary>For HTML text and quoted attribute values alike. Not for scripts: data goes there as JSON in an element of its own.</summary>
    public static string Html(string text) => HtmlEncoder.Default.Encode(text);

    /// <summary>
    /// A whole CSV field, always quoted. A text that a spreadsheet would take for a formula gets an apostrophe before it
    /// (OWASP, "CSV Injection").
    /// </summary>
    public static string Csv(string text) =>
        $"\"{(text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>For a line of Markdown: no markup, no line end.</summary>
    public static string Markdown(string text)
    {
        var result = new StringBuilder(text.Length + 8);
        foreach (var c in Line(text))
        {
            if (c is '`' or '*' or '[' or ']' or '<' or '|' or '\\')
            {
                result.Append('\\');
            }

            result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>For a line of plain text: control characters become blanks.</summary>
    public static string Line(string text) =>
        text.Any(char.IsControl) ? string.Create(text.Length, text, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }) : text;

    /// <summary>For a value of a line-based format without quoting (ini files, LGPO text).</summary>
    /// <exception cref="FormatException">The text holds a control character and would end the line.</exception>
    public static string SingleLine(string text) => text.Any(char.IsControl)
        ? throw new FormatException("this line-based file cannot hold the value: it contains a control character")
        : text;

    /// <summary>A whole YAML scalar, double-quoted.</summary>
    public static string Yaml(string text) => $"\"{Json(text)}\"";

    /// <summary>For the inside of a quoted template of HCL: escapes as in JSON, and <c>${</c> and <c>%{</c> doubled (HCL native syntax specification, "Template literals").</summary>
    public static string Hcl(string text)
    {
        var result = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            _ = c switch
            {
                '"' or '\\' => result.Append('\\').Append(c),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                '$' or '%' when i + 1 < text.Length && text[i + 1] == '{' => result.Append(c, 2),
                _ when char.IsControl(c) || char.IsSurrogate(c) => result.Append(char.IsSurrogate(c) ? c : ' '),
                _ => result.Append(c),
            };
        }

        return result.ToString();
    }

    /// <summary>For the inside of a WQL string in quotes: backslash and both quotes are escaped with a backslash (WMI documentation, "WQL strings").</summary>
    public static string Wql(string text) => Unnull(text)
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>For the inside of an OData string in single quotes, as part of an URL: quotes doubled, then percent-encoded.</summary>
    public static string OData(string text) => Uri.EscapeDataString(text.Replace("'", "''", StringComparison.Ordinal));

    /// <summary>For an LDAP filter value (RFC 4515 §3).</summary>
    public static string Ldap(string text)
    {
        var result = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c is '*' or '(' or ')' or '\\' or '\0' ? result.Append('\\').Append(((int)c).ToString("x2", System.Globalization.CultureInfo.InvariantCulture)) : result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>
    /// For one segment of a file path in the bundle: letters, digits, dot, dash, underscore and blank stay, everything else becomes an underscore; Windows'
    /// device names get one in front.
    /// </summary>
    public static string PathSegment(string text)
    {
        var name = new string([.. text.Trim().Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ' ' or '{' or '}' ? c : '_')]).TrimEnd('.', ' ');
        var stem = name.Split('.')[0];
        return name.Length == 0 || name.All(c => c == '.') || ReservedNames.Contains(stem) ? "_" + name : name;
    }

    // Windows refuses these as file names, with any extension (Microsoft, "Naming Files, Paths, and Namespaces").
    private static readonly FrozenSet<string> ReservedNames = new[]
    {
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static string Unnull(string text) => text.Replace('\0', '\uFFFD');

    private static string Double(string text, string quotes)
    {
        if (text.AsSpan().IndexOfAny(quotes) < 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            result.Append(c);
            if (quotes.Contains(c, StringComparison.Ordinal))
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }
}
