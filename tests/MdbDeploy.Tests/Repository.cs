namespace MdbDeploy.Tests;

/// <summary>The checkout the tests run in.</summary>
internal static class Repository
{
    /// <summary>Folder that holds MdbDeploy.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>Whether expected output is to be rewritten instead of compared.</summary>
    public static bool Accept => Environment.GetEnvironmentVariable("MDB_ACCEPT") == "1";

    /// <summary>The command that does so.</summary>
    public const string AcceptCommand = "MDB_ACCEPT=1 dotnet test";

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MdbDeploy.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests run outside a checkout");
    }
}
