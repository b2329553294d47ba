using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace MdbDeploy.EndToEnd.ActiveDirectory;

/// <summary>A real Active Directory domain (Samba) in name spaces of its own, made once for all tests that need one: see domain.sh.</summary>
public sealed class Domain : IAsyncLifetime
{
    public const string NamingContext = "DC=corp,DC=example,DC=test";

    private const string Password = "Pass-word-1!";
    private static readonly string[] Programs = ["/usr/sbin/samba", "/usr/bin/samba-tool", "/usr/bin/smbclient", "/usr/bin/smbcacls", "/usr/bin/kinit", "/usr/bin/unshare", "/usr/share/samba/setup/provision.ldif"];

    private static int Count;

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

        // The domain controller serves SYSVOL as whoever signed in, who must get there.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
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

    /// <summary>Skips a test where no domain can be made.</summary>
    public static void Skip() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    /// <summary>A number that no other test has.</summary>
    public static int Next() => Interlocked.Increment(ref Count);

    /// <summary>The built command.</summary>
    public static string Command { get; } = BuiltCommand.Words;

    /// <summary>Runs the built command within the domain, with the administrator's ticket.</summary>
    internal Task<CliProcess> MdbAsync(string arguments) => RunAsync($"{Command} {arguments}");

    /// <summary>Renders a project of its own; gives its folder, and identifier and name of the policy of the ring "all", or of the first.</summary>
    /// <param name="place">Where to link.</param>
    /// <param name="organization">The organisation; one of its own when null.</param>
    /// <param name="rings">The rings, as YAML.</param>
    /// <param name="computers">Names of the devices, separated by blanks.</param>
    /// <param name="more">More of targets.activeDirectory.</param>
    /// <param name="policies">The policy presets.</param>
    internal async Task<(string Project, string Id, string Name)> RenderAsync(
        string place = $"OU=Workstations,{NamingContext}", string? organization = null, string rings = "[{ name: all }]", string computers = "PC-IN", string more = "", string policies = "onboarding")
    {
        var number = Next();
        var project = Path.Combine(Folder, $"project-{number}");
        await Sample.CopyAsync(project);
        await WriteInventoryAsync(project, computers);
        await File.WriteAllTextAsync(Path.Combine(project, "mdbdeploy.yaml"), $$"""
            organization: {{organization ?? $"Domain {number}"}}
            id: domain-{{number}}
            inventory: pc.csv
            share: '\\fs01.corp.example.test\mdb$'
            rings: {{rings}}
            policies: [{{policies}}]
            targets:
              activeDirectory: { domain: corp.example.test, link: ["{{place}}"]{{more}} }
            """, TestContext.Current.CancellationToken);
        var rendered = await CliProcess.RunAsync(Folder, "render", project);
        rendered.ExitCode.ShouldBe(0, rendered.Output + rendered.Error);
        var policy = Directory.EnumerateFiles(Path.Combine(project, "out", "bundle", "gpo", "active-directory"), "group-policy-object-*.json").Order(StringComparer.Ordinal).First();
        var body = JsonNode.Parse(await File.ReadAllTextAsync(policy, TestContext.Current.CancellationToken))!["body"]!;
        return (project, body["guid"]!.GetValue<string>(), body["displayName"]!.GetValue<string>());
    }

    /// <summary>Identifier and name of the only policy with settings of a rendered project.</summary>
    internal static async Task<(string Id, string Name)> SettingsOfAsync(string project)
    {
        var policy = Directory.EnumerateFiles(Path.Combine(project, "out", "bundle", "gpo", "active-directory"), "settings-policy-*.json").Single();
        var body = JsonNode.Parse(await File.ReadAllTextAsync(policy, TestContext.Current.CancellationToken))!["body"]!;
        return (body["guid"]!.GetValue<string>(), body["displayName"]!.GetValue<string>());
    }

    internal static Task WriteInventoryAsync(string project, string computers) => File.WriteAllTextAsync(
        Path.Combine(project, "pc.csv"), "name,os,os_edition,os_build,join_type\n" + string.Concat(computers.Split(' ').Select(name => $"{name},Windows 11,Pro,10.0.22631.4460,ad\n")), TestContext.Current.CancellationToken);

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
