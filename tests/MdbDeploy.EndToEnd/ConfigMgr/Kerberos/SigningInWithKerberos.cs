using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MdbDeploy.EndToEnd.ConfigMgr.Kerberos;

/// <summary>The built command signs in to a site with real Kerberos: MIT's KDC, .NET's client, and .NET's server in the lab.</summary>
public class SigningInWithKerberos(KerberizedSite site) : IClassFixture<KerberizedSite>
{
    private const string PasswordVariable = "MDBDEPLOY_CONFIGMGR_PASSWORD";

    [Fact]
    public async Task With_a_ticket_a_push_goes_through_and_a_second_one_writes_nothing()
    {
        Need();
        await site.StartLabAsync(null);
        await site.Realm.SignInAsync();
        var first = await Run("push", "--yes");
        first.ExitCode.ShouldBe(0, first.Output + first.Error);
        (await site.CountCollectionsAsync()).ShouldBeGreaterThan(2);
        (await Run("diff")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task With_a_keytab_no_kinit_is_needed()
    {
        Need();
        var doctor = await site.Project.RunAsync(site.Realm.WithKeytab, "doctor");
        doctor.ExitCode.ShouldBe(0, doctor.Output + doctor.Error);
    }

    [Fact]
    public async Task With_user_and_password_no_ticket_is_needed()
    {
        Need();
        site.Aim(more: $", user: '{Realm.User}'");
        var doctor = await site.Project.RunAsync(With(PasswordVariable, Realm.Password), "doctor");
        doctor.ExitCode.ShouldBe(0, doctor.Output + doctor.Error);
    }

    [Theory]
    [InlineData(Realm.User, "MDB0746")]
    [InlineData("nobody@MDB.TEST", "MDB0746")]
    [InlineData("svc@OTHER.TEST", "MDB0747")]
    public async Task A_wrong_password_user_or_realm_is_told_with_the_librarys_words_and_never_shown(string user, string code)
    {
        Need();
        site.Aim(more: $", user: '{user}'");
        await Refused(With(PasswordVariable, user == Realm.User ? "a wrong passw0rd" : Realm.Password), code, user.Split('@')[1], "(");
    }

    [Fact]
    public async Task A_user_without_a_password_is_told_which_variable_holds_it()
    {
        Need();
        site.Aim(more: $", user: '{Realm.User}'");
        var result = await site.Project.RunAsync(site.Realm.Environment, "diff");
        result.ExitCode.ShouldBe(3);
        (result.Output + result.Error).ShouldContain(PasswordVariable);
    }

    [Fact]
    public async Task Without_a_ticket_the_command_says_so_before_it_sends_anything()
    {
        Need();
        await Refused(site.Realm.Environment, "MDB0743", "kinit");
    }

    [Fact]
    public async Task A_service_that_the_domain_does_not_know_is_named()
    {
        Need();
        await site.Realm.AdminAsync("renprinc -force HTTP/localhost HTTP/elsewhere");
        try
        {
            await Refused(site.Realm.WithKeytab, "MDB0745", "HTTP/localhost");
        }
        finally
        {
            await site.Realm.AdminAsync("renprinc -force HTTP/elsewhere HTTP/localhost");
        }
    }

    [Fact]
    public async Task An_address_instead_of_a_name_is_told_before_it_is_tried()
    {
        Need();
        site.Aim(host: "127.0.0.1");
        await Refused(site.Realm.WithKeytab, "MDB0745", "'127.0.0.1'");
    }

    [Fact]
    public async Task A_ticket_that_the_site_does_not_accept_is_another_thing_than_none()
    {
        Need();
        // The service's key changes: what the KDC gives out now, the lab's keytab does not open.
        await site.Realm.AdminAsync("cpw -randkey HTTP/localhost");
        try
        {
            await Refused(site.Realm.WithKeytab, "MDB0748", "administrative user");
        }
        finally
        {
            await site.Realm.AdminAsync($"ktadd -k {site.Realm.ServiceKeytab} HTTP/localhost");
        }
    }

    [Fact]
    public async Task A_ticket_that_expires_during_a_push_leaves_a_push_that_continues_with_a_new_one()
    {
        Need();
        await site.StartLabAsync("latency:60ms");
        await site.Realm.SignInAsync();
        using var push = CliProcess.Start(site.Project.Folder, site.Realm.Environment, "push", "--yes");
        var output = push.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = push.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (!push.HasExited && await site.CountCollectionsAsync() == 0)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        // While the push stands still, its account gets a ticket that lasts a second, and the second passes.
        await Signal(push, "-STOP");
        await site.Realm.SignInAsync("1s");
        while (await site.Realm.HasTicketAsync())
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        // Kerberos bears clocks that differ, here the KDC by a second (clockskew in krb5.conf).
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        await Signal(push, "-CONT");
        await push.WaitForExitAsync(TestContext.Current.CancellationToken);
        var told = await output + await error;
        push.ExitCode.ShouldBe(4, told);
        told.ShouldContain("MDB0744");
        told.ShouldContain("push --resume");

        await site.Realm.SignInAsync();
        var resumed = await Run("push", "--yes", "--resume");
        resumed.ExitCode.ShouldBe(0, resumed.Output + resumed.Error);
        (await Run("diff")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task The_certificate_is_trusted_by_pin_or_by_a_DER_file_and_by_nothing_else_without_a_loud_word()
    {
        Need();
        site.Aim(withCaFile: false);
        await Refused(site.Realm.WithKeytab, "MDB0752");
        site.Aim(withCaFile: false, more: $", thumbprint: '{new string('0', 64)}'");
        await Refused(site.Realm.WithKeytab, "MDB0752");

        using var handler = new SocketsHttpHandler();
        X509Certificate2? seen = null;
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => (seen = new X509Certificate2(certificate!)) is not null;
        using (var client = new HttpClient(handler))
        {
            using var answer = await client.GetAsync(new Uri(site.Address, "AdminService/wmi/SMS_Site"), TestContext.Current.CancellationToken);
        }

        site.Aim(withCaFile: false, more: $", thumbprint: '{seen!.GetCertHashString(HashAlgorithmName.SHA256)}'");
        (await site.Project.RunAsync(site.Realm.WithKeytab, "doctor")).ExitCode.ShouldBe(0);

        var der = site.Project["site.cer"];
        using var authority = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(site.CaFile, TestContext.Current.CancellationToken));
        await File.WriteAllBytesAsync(der, authority.RawData, TestContext.Current.CancellationToken);
        site.Aim(withCaFile: false, more: ", caFile: site.cer");
        (await site.Project.RunAsync(site.Realm.WithKeytab, "doctor")).ExitCode.ShouldBe(0);

        site.Aim(withCaFile: false);
        var insecure = await site.Project.RunAsync(site.Realm.WithKeytab, "doctor", "--insecure");
        insecure.ExitCode.ShouldBe(0, insecure.Output + insecure.Error);
        (insecure.Output + insecure.Error).ShouldContain("WARNING MDB0749");
    }

    private static async Task Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private void Need()
    {
        Assert.SkipWhen(Realm.Missing is not null, Realm.Missing ?? "");
        site.Aim();
        File.Delete(site.Realm.CredentialCache);
    }

    private Dictionary<string, string> With(string name, string value) => new(site.Realm.Environment) { [name] = value };

    private Task<CliProcess> Run(params string[] args) => site.Project.RunAsync(site.Realm.Environment, args);

    private async Task Refused(Dictionary<string, string> environment, string code, params string[] words)
    {
        var result = await site.Project.RunAsync(environment, "diff");
        var told = string.Join(' ', (result.Output + result.Error).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        result.ExitCode.ShouldBe(1, told);
        told.ShouldContain(code);
        words.ShouldAllBe(w => told.Contains(w, StringComparison.Ordinal), told);
        if (environment.TryGetValue(PasswordVariable, out var password))
        {
            told.ShouldNotContain(password);
        }
    }
}
