namespace MdbDeploy.Diagnostics;

/// <summary>Where something is wrong: a place in a file, or a named thing such as a device or a resource address.</summary>
/// <param name="File">Path as the user would recognise it (relative to the project, <c>zip!entry</c> inside an archive), or null.</param>
/// <param name="Line">Line, counted from 1; 0 when the whole file is meant.</param>
/// <param name="Column">Column, counted from 1; 0 when the whole line is meant.</param>
/// <param name="Subject">The device, setting or resource address concerned, or null.</param>
public readonly record struct Location(string? File, int Line = 0, int Column = 0, string? Subject = null)
{
    /// <summary>No place in particular.</summary>
    public static Location None => default;

    /// <summary>A named thing rather than a place in a file.</summary>
    public static Location Of(string subject) => new(null, Subject: subject);

    /// <summary>The form compilers use, which editors can jump to: <c>file(line,column)</c>.</summary>
    public override string ToString() => (File, Line, Column) switch
    {
        (null, _, _) => Subject ?? "",
        (_, 0, _) => File,
        (_, _, 0) => $"{File}({Line})",
        _ => $"{File}({Line},{Column})",
    };
}
