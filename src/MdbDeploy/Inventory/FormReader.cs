using System.Text;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>Finds out how the text of a file is written, and tells what is odd about it.</summary>
/// <param name="content">The text.</param>
/// <param name="options">How to read it.</param>
/// <param name="note">Told what is noticed: the problem, its line, and what to say.</param>
/// <param name="cancellation">Stops reading.</param>
internal sealed class FormReader(InventoryContent content, InventoryOptions options, Action<Problem, int, string> note, CancellationToken cancellation)
{
    /// <summary>The form, perhaps an assumed one; null when the file is no text.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public TextForm? Find()
    {
        var form = content.Sheet is { } sheet
            ? new TextForm { Encoding = new UTF8Encoding(false), Label = $"Excel workbook, sheet '{RowNotes.Show(sheet)}'", Start = 0, LinesBefore = 0, Length = long.MaxValue }
            : Assume() ?? TextForm.Of(() => content.Open(), cancellation);
        form = content.IsGzip ? form with { Label = $"{form.Label}, gzip" } : form;
        if (form.Length == 0)
        {
            note(Problems.InventoryFileIsEmpty, 0, "The file is empty.");
            return null;
        }

        if ((content.NotText ?? form.NotText) is { } what)
        {
            note(Problems.InventoryFileIsNotText, 0, $"The file is no CSV but {what}.");
            return null;
        }

        NoteEncoding(form);
        if (form.BadSeparator is { } hint)
        {
            note(Problems.SeparatorHintIsUnusable, form.LinesBefore, $"'{RowNotes.Show(hint)}' names no usable delimiter; it was found from the text.");
        }

        return form;
    }

    /// <summary>The form of a file of which it was assumed. What was read because it is ASCII is the same in either.</summary>
    /// <exception cref="OperationCanceledException">Reading was stopped.</exception>
    public TextForm LookAtAll(TextForm assumed)
    {
        try
        {
            var form = TextForm.Of(() => content.Open(), cancellation);
            NoteEncoding(form);
            return form;
        }
        catch (IOException)
        {
            // Who reads on comes to the same place, and tells.
            return assumed with { IsAssumed = false };
        }
    }

    private TextForm? Assume()
    {
        using var file = content.Open();
        return TextForm.Assume(file, options.ShortestToCut);
    }

    private void NoteEncoding(TextForm form)
    {
        if (form.FirstInvalidLine > 0 && form.IsWindows1252)
        {
            note(Problems.InventoryIsWindows1252, form.FirstInvalidLine, "This line is the first that is not UTF-8; the file was read as Windows-1252.");
        }
        else if (form.FirstInvalidLine > 0)
        {
            note(Problems.InventoryTextIsDamaged, form.FirstInvalidLine, "The file is UTF-8, and this line is the first that is not; the damaged characters were replaced.");
        }
    }
}
