using System.Runtime.InteropServices;
using MdbDeploy.Diagnostics;

namespace MdbDeploy.Inventory;

/// <summary>
/// What is noticed in a file, in the order of its rows. A problem that concerns a value wherever it stands in a column, such as an unknown word, is reported once with the number of
/// rows, since a million rows can share it.
/// </summary>
internal sealed class FileNotes(string file, int source, ProblemLog problems)
{
    private const int MostValues = 1000;

    private readonly Dictionary<(Problem Problem, int Column, string? Value), Repeated> repeated = [];
    private int blankFrom;
    private int blankTo;

    /// <summary>Takes notes, which are later in the file than all before.</summary>
    public void Take(List<Note> notes)
    {
        foreach (ref readonly var note in CollectionsMarshal.AsSpan(notes))
        {
            Take(note);
        }

        notes.Clear();
    }

    /// <summary>Takes a note that is later in the file than all before.</summary>
    public void Take(in Note note)
    {
        if (note.IsBlankLine)
        {
            var line = note.Problem.Where.Line;
            if (line != blankTo + 1)
            {
                TellBlankLines();
                blankFrom = line;
            }

            blankTo = line;
            return;
        }

        TellBlankLines();
        problems.List(note.Problem, note.Value);
        if (note.Repeats is { } repeats)
        {
            Count(note.Problem, repeats.Column, repeats.Value);
        }
        else
        {
            problems.Show(source, note.Problem);
        }
    }

    /// <summary>Tells what was held back until it is known how often it is there.</summary>
    public void Complete()
    {
        TellBlankLines();
        foreach (var ((problem, _, value), note) in repeated)
        {
            var rows = note.Rows == 1 ? "" : $" {note.Rows} rows have {(value is null ? "such a value" : "it")}; this is the first.";
            problems.Show(source, problem.At(note.First.Where, note.First.Message + rows));
        }
    }

    private void Count(Diagnostic problem, int column, string? value)
    {
        var key = (problem.Problem, column, value);
        if (!repeated.TryGetValue(key, out var note))
        {
            // A hostile file has a million different unknown words; beyond a few they are counted together.
            key = repeated.Count < MostValues ? key : (problem.Problem, column, null);
            if (!repeated.TryGetValue(key, out note))
            {
                repeated.Add(key, note = new Repeated(problem));
            }
        }

        note.Rows++;
    }

    private void TellBlankLines()
    {
        if (blankFrom > 0)
        {
            var what = blankFrom == blankTo ? $"Line {blankFrom} is blank, and was left out." : $"Lines {blankFrom} to {blankTo} are blank, and were left out.";
            problems.Add(source, Problems.InventoryRowIsBlank.At(new Location(file, blankFrom), what));
            blankFrom = blankTo = 0;
        }
    }

    private sealed class Repeated(Diagnostic first)
    {
        public Diagnostic First { get; } = first;

        public int Rows { get; set; }
    }
}
