namespace MdbDeploy.Packages;

/// <summary>
/// How much is read before a file is refused. A real package is a few dozen kilobytes in fewer than ten files, so these bounds are far from both sides.
/// Sizes are counted while decompressing: what an archive says about itself is not trusted.
/// </summary>
internal sealed record PackageLimits
{
    /// <summary>Entries of one file of the packages folder, with the archives inside it.</summary>
    public int Entries { get; init; } = 1000;

    /// <summary>Bytes of one file, packed or unpacked.</summary>
    public int FileBytes { get; init; } = 32 << 20;

    /// <summary>Bytes unpacked from one file of the packages folder, with the archives inside it.</summary>
    public long TotalBytes { get; init; } = 128 << 20;

    /// <summary>How many times larger an entry may be than its packed form, once it is beyond <see cref="RatioFloor"/>.</summary>
    public int Ratio { get; init; } = 100;

    /// <summary>Bytes below which the ratio is not judged: short repetitive texts pack well.</summary>
    public int RatioFloor { get; init; } = 1 << 20;

    /// <summary>Archives within archives: the outermost counts as 1.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Bytes of a file that is looked into: a larger one is no script and no blob (a blob has at most 175,032 characters, see Microsoft Graph).</summary>
    public int RecognizedBytes { get; init; } = 4 << 20;
}
