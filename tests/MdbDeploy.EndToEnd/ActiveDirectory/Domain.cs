using System.Diagnostics;
using System.Text;

namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>A real Active Directory domain (Samba) in name spaces of its own, made once for all tests that need one: see domain.sh.</summary>
public sealed class Domain : IAsyncLifetime
{
    public const string NamingContext = "DC=corp,DC=example,DC=test";

    private const string Password = "Pass-word-1!";
    private static readonly string[] Programs = ["/usr/sbin/samba", "/usr/bin/samba-tool", "/usr/bin/smbclient", "/usr/bin/smbcacls", "/usr/bin/kinit", "/usr/bin/unshare", "/usr/share/samba/setup/provision.ldif"];

    private readonly SemaphoreSlim turn = new(1, 1);
    private Process? process;

    /// <summary>Why there is no domain on this machine; null when there is one.</summary>
    public static string? Missing =>
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "needs Linux and root, for a domain controller in name spaces of its own"
        : Array.Find(Programs, program => !File.Exists(program)) is { } program ? $"needs {program} (Debian: apt install samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules python3-samba smbclient krb5-user libsasl2-modules-gssapi-mit)"
        : null;

    /// <summary>Folder of the domain; tests keep their projects in it.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("mdb-domain-").FullName;

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        var start = new ProcessStartInfo("bash", [Path.Combine(AppContext.BaseDirectory, "ActiveDirectory", "domain.sh"), Folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["MDB_DOMAIN_PASSWORD"] = Password;
        process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        line.ShouldBe("ready");
        (await RunAsync($"samba-tool ou create OU=Workstations,{NamingContext} {Server}")).ExitCode.ShouldBe(0);
        (await RunAsync($"samba-tool computer create PC-IN --computerou=OU=Workstations {Server} && samba-tool computer create PC-OUT {Server}")).ExitCode.ShouldBe(0);
    }

    /// <summary>Where samba-tool finds the domain, and as whom.</summary>
    public static string Server => $"-H ldap://dc1.corp.example.test -U 'Administrator%{Password}'";

    /// <summary>Runs a command line of bash within the domain, with the administrator's ticket.</summary>
    internal async Task<CliProcess> RunAsync(string command)
    {
        await turn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await process!.StandardInput.WriteLineAsync(command.AsMemory(), TestContext.Current.CancellationToken);
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            var output = new StringBuilder();
            while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (line.StartsWith("MDB-END ", StringComparison.Ordinal))
                {
                    return new CliProcess(int.Parse(line[8..], System.Globalization.CultureInfo.InvariantCulture), output.ToString(), "");
                }

                output.AppendLine(line);
            }

            throw new InvalidOperationException($"The domain ended: {output}");
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }

        turn.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>The tests that share the domain.</summary>
[CollectionDefinition(nameof(Domain))]
public sealed class DomainTests : ICollectionFixture<Domain>;
