using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MdbDeploy.EndToEnd.ConfigMgr.Kerberos;

/// <summary>
/// A Kerberos realm of its own: MIT's KDC on a loopback port with all of its files in a temporary folder. Nothing below /etc is read or written. It holds <c>svc@MDB.TEST</c>
/// (password <see cref="Password"/>, and a keytab) and the service <c>HTTP/localhost</c>.
/// </summary>
internal sealed class Realm : IAsyncDisposable
{
    public const string User = "svc@MDB.TEST";
    public const string Password = "synthetic, of this test only";
    private const string Sbin = "/usr/sbin/";

    private readonly Process kdc;

    private Realm(string folder, Process kdc) => (Folder, this.kdc) = (folder, kdc);

    /// <summary>The folder that everything is in.</summary>
    public string Folder { get; }

    public string CredentialCache => Path.Combine(Folder, "ccache");

    public string ServiceKeytab => Path.Combine(Folder, "service.keytab");

    /// <summary>Why there can be no realm here; null when there can.</summary>
    public static string? Missing => File.Exists($"{Sbin}krb5kdc") && File.Exists($"{Sbin}kadmin.local") && File.Exists("/usr/bin/kinit") ? null : "There is no Kerberos KDC here: apt install krb5-kdc krb5-admin-server krb5-user.";

    /// <summary>What a program of this realm has in its environment. No credential cache is named but one that does not exist yet.</summary>
    public Dictionary<string, string> Environment => Variables(Folder);

    public static async Task<Realm> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("mdb-krb5-").FullName;
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "krb5.conf"), Configuration(port, clockSkew: 1));
        // A service refuses what is older than that when it gets to it, however fast the machine is.
        await File.WriteAllTextAsync(Path.Combine(folder, "service.conf"), Configuration(port, clockSkew: 300));
        await File.WriteAllTextAsync(Path.Combine(folder, "kdc.conf"), $$"""
            [kdcdefaults]
              kdc_listen = ""
              kdc_tcp_listen = 127.0.0.1:{{port}}
            [realms]
              MDB.TEST = {
                database_name = {{folder}}/principal
                key_stash_file = {{folder}}/stash
                acl_file = {{folder}}/acl
                max_life = 1h
                max_renewable_life = 1h
                supported_enctypes = aes256-cts-hmac-sha1-96:normal
              }
            [logging]
              kdc = FILE:{{folder}}/kdc.log
            """);
        await RunAsync(folder, $"{Sbin}kdb5_util", null, "create", "-s", "-r", "MDB.TEST", "-P", "master");
        await AdminAsync(folder, "addprinc -randkey HTTP/localhost");
        await AdminAsync(folder, $"ktadd -k {folder}/service.keytab HTTP/localhost");
        await AdminAsync(folder, $"addprinc -pw \"{Password}\" svc");
        await AdminAsync(folder, $"ktadd -norandkey -k {folder}/user.keytab svc");
        var kdc = Start(folder, $"{Sbin}krb5kdc", "-n", "-P", $"{folder}/kdc.pid");
        var realm = new Realm(folder, kdc);
        for (var attempt = 0; !await AnswersAsync(port); attempt++)
        {
            attempt.ShouldBeLessThan(200, "krb5kdc does not listen");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }

        return realm;
    }

    /// <summary>Runs a command of kadmin.local.</summary>
    public Task AdminAsync(string command) => AdminAsync(Folder, command);

    /// <summary>Gets a ticket into the credential cache with the password.</summary>
    public Task SignInAsync(string lifetime = "1h") => RunAsync(Folder, "/usr/bin/kinit", Password + "\n", "-l", lifetime, User);

    /// <summary>Whether the credential cache holds a ticket that has not expired.</summary>
    public async Task<bool> HasTicketAsync()
    {
        using var klist = Start(Folder, "/usr/bin/klist", "-s");
        await klist.WaitForExitAsync(TestContext.Current.CancellationToken);
        return klist.ExitCode == 0;
    }

    /// <summary>Environment of the service.</summary>
    public Dictionary<string, string> ServiceEnvironment => new(Environment) { ["KRB5_CONFIG"] = Path.Combine(Folder, "service.conf"), ["KRB5_KTNAME"] = $"FILE:{ServiceKeytab}" };

    /// <summary>Environment of a program that finds a keytab instead of a ticket.</summary>
    public Dictionary<string, string> WithKeytab => new(Environment) { ["KRB5_CLIENT_KTNAME"] = $"FILE:{Folder}/user.keytab" };

    public async ValueTask DisposeAsync()
    {
        kdc.Kill();
        await kdc.WaitForExitAsync();
        kdc.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Configuration(int port, int clockSkew) => $$"""
        [libdefaults]
          default_realm = MDB.TEST
          dns_lookup_kdc = false
          dns_lookup_realm = false
          dns_canonicalize_hostname = false
          rdns = false
          clockskew = {{clockSkew}}
          udp_preference_limit = 1
        [realms]
          MDB.TEST = {
            kdc = 127.0.0.1:{{port}}
          }
        [domain_realm]
          localhost = MDB.TEST
        """;

    private static Dictionary<string, string> Variables(string folder) => new()
    {
        ["KRB5_CONFIG"] = Path.Combine(folder, "krb5.conf"),
        ["KRB5_KDC_PROFILE"] = Path.Combine(folder, "kdc.conf"),
        ["KRB5CCNAME"] = $"FILE:{folder}/ccache",
        ["KRB5_CLIENT_KTNAME"] = $"FILE:{folder}/none.keytab",
        ["KRB5RCACHENAME"] = "none:",
    };

    private static Task AdminAsync(string folder, string command) => RunAsync(folder, $"{Sbin}kadmin.local", null, "-r", "MDB.TEST", "-q", command);

    private static async Task RunAsync(string folder, string program, string? input, params string[] args)
    {
        using var process = Start(folder, program, args);
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, $"{program}: {output}{await error}");
    }

    private static Process Start(string folder, string program, params string[] args)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in Variables(folder))
        {
            start.Environment[name] = value;
        }

        args.ToList().ForEach(start.ArgumentList.Add);
        return Process.Start(start)!;
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
