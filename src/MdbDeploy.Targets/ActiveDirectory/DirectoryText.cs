using System.Globalization;
using System.Text;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>Text within filters and distinguished names, where some characters mean something else.</summary>
internal static class DirectoryText
{
    /// <summary>A value in a search filter (RFC 4515, section 3).</summary>
    public static string InFilter(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (octet is (byte)'*' or (byte)'(' or (byte)')' or (byte)'\\' or < 0x20 or >= 0x7F)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{octet:x2}");
            }
            else
            {
                text.Append((char)octet);
            }
        }

        return text.ToString();
    }
}
