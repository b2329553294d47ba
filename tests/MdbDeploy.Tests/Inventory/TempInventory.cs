using System.Text;
using MdbDeploy.Inventory;

namespace MdbDeploy.Tests.Inventory;

/// <summary>Reads inventory files that a test writes, or those of the fixtures.</summary>
internal static class TempInventory
{
    public static string Fixture(string name) => Path.Combine(Repository.Root, "tests", "MdbDeploy.Tests", "Fixtures", "Inventory", name);

    /// <summary>Reads fixtures in the order of trust given.</summary>
    public static Fleet ReadFixtures(params string[] names) =>
        InventoryReader.Read([.. names.Select(name => new InventoryFile(name, Fixture(name)))], new InventoryOptions(), null, TestContext.Current.CancellationToken);

    /// <summary>Reads one text, called a.csv, as UTF-8.</summary>
    public static Fleet Read(string text, InventoryOptions? options = null) => ReadBytes([Encoding.UTF8.GetBytes(text)], options);

    /// <summary>Reads texts, called a.csv, b.csv, and so on, as UTF-8.</summary>
    public static Fleet ReadAll(params string[] texts) => ReadBytes([.. texts.Select(Encoding.UTF8.GetBytes)], null);

    /// <summary>Reads files with these bytes, called a.csv, b.csv, and so on.</summary>
    public static Fleet ReadBytes(IReadOnlyList<byte[]> contents, InventoryOptions? options = null, string? profile = null)
    {
        var folder = Directory.CreateTempSubdirectory("mdbdeploy-inventory-");
        try
        {
            var files = new List<InventoryFile>();
            foreach (var content in contents)
            {
                var name = $"{(char)('a' + files.Count)}.csv";
                var path = Path.Combine(folder.FullName, name);
                File.WriteAllBytes(path, content);
                files.Add(new InventoryFile(name, path, profile));
            }

            return InventoryReader.Read(files, options ?? new InventoryOptions(), null, CancellationToken.None);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Problems as code and place, the form tests compare.</summary>
    public static string[] Places(this Fleet fleet) => [.. fleet.Problems.Select(problem => $"{problem.Where} {problem.Code}")];
}
