namespace MdbDeploy.Tests;

/// <summary>Compares what was made with a folder of expected files, byte for byte.</summary>
internal static class Baseline
{
    /// <summary>Compares; with <c>MDB_ACCEPT=1</c> rewrites the expected files instead, to be reviewed in the diff.</summary>
    /// <param name="scenario">Folder below Baselines/, for example <c>300-gpo/onboarding</c>.</param>
    /// <param name="files">Path, with <c>/</c>, to bytes.</param>
    public static void Compare(string scenario, IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        var expected = Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Baselines", scenario, "expected");
        var actual = Path.Combine(AppContext.BaseDirectory, "Baselines", scenario, "actual");
        if (Directory.Exists(actual))
        {
            Directory.Delete(actual, recursive: true);
        }

        var made = files.ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
        made.ShouldNotBeEmpty();
        Write(actual, made);
        if (Repository.Accept)
        {
            if (Directory.Exists(expected))
            {
                Directory.Delete(expected, recursive: true);
            }

            Write(expected, made);
            return;
        }

        var known = Directory.Exists(expected)
            ? Directory.EnumerateFiles(expected, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(expected, f).Replace('\\', '/'), File.ReadAllBytes, StringComparer.Ordinal)
            : [];
        var differences = made.Keys.Union(known.Keys).Order(StringComparer.Ordinal).Where(path =>
            !made.TryGetValue(path, out var a) || !known.TryGetValue(path, out var e) || !a.AsSpan().SequenceEqual(e)).ToList();
        differences.ShouldBeEmpty($"""
            {scenario} is not as expected.
            Look:   git diff --no-index --color-words {expected} {actual}
            Accept: {Repository.AcceptCommand}
            """);
    }

    private static void Write(string folder, Dictionary<string, byte[]> files)
    {
        foreach (var (path, content) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllBytes(full, content);
        }
    }
}
