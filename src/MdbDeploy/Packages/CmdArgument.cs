using System.Text;

namespace MdbDeploy.Packages;

/// <summary>
/// A quoted argument in a batch file, as <c>reg.exe</c> receives it: backslashes before a quote count double (CommandLineToArgvW), and a percent sign is
/// written twice (cmd.exe). So <c>"</c> becomes <c>\"</c> and the <c>\"</c> of the JSON inside the JSON becomes <c>\\\"</c>.
/// </summary>
internal static class CmdArgument
{
    /// <summary>The argument without its outer quotes.</summary>
    public static string Escape(string value)
    {
        var text = new StringBuilder(value.Length + 64);
        var slashes = 0;
        foreach (var c in value)
        {
            if (c == '\\')
            {
                slashes++;
                continue;
            }

            text.Append('\\', c == '"' ? (2 * slashes) + 1 : slashes).Append(c, c == '%' ? 2 : 1);
            slashes = 0;
        }

        return text.Append('\\', 2 * slashes).ToString();
    }

    /// <summary>The value of the argument that begins behind its opening quote; null when the line ends before it does.</summary>
    public static string? Unescape(ReadOnlySpan<char> text)
    {
        var value = new StringBuilder();
        var slashes = 0;
        for (var i = 0; i < text.Length && text[i] is not ('\r' or '\n'); i++)
        {
            var c = text[i];
            if (c == '\\')
            {
                slashes++;
                continue;
            }

            if (c == '"')
            {
                value.Append('\\', slashes / 2);
                if (slashes % 2 == 0)
                {
                    return value.ToString();
                }
            }
            else
            {
                value.Append('\\', slashes);
            }

            slashes = 0;
            value.Append(c);
            if (c == '%' && i + 1 < text.Length && text[i + 1] == '%')
            {
                i++;
            }
        }

        return null;
    }
}
