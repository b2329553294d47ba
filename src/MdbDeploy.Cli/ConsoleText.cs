using Spectre.Console;

namespace MdbDeploy.Cli;

/// <summary>Texts as parts of what is shown to people. Names of devices, files and rings come from outside, so a console must obey nothing in them: neither markup nor control characters.</summary>
internal static class ConsoleText
{
    /// <summary>A text on one line.</summary>
#pragma warning disable RS0030 // The one place that may.
    public static string Of(string text) => Markup.Escape(PrintableText.Of(text));
#pragma warning restore RS0030

    /// <summary>A text of our own that may have several lines.</summary>
    public static string Lines(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(Of));
}
