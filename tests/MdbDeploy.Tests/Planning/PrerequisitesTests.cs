using System.Text.RegularExpressions;
using MdbDeploy.Inventory;
using MdbDeploy.Planning;

namespace MdbDeploy.Tests.Planning;

public class PrerequisitesTests
{
    [Fact]
    public void The_managed_methods_need_registration_and_the_local_script_does_not()
    {
        var managed = Prerequisites.BuiltIn.For(new HashSet<string> { Methods.GroupPolicy }, new HashSet<Connectivity>());
        managed.Addresses.Take(3).Select(a => a.Host).ShouldBe(["enterpriseregistration.windows.net", "login.microsoftonline.com", "*.dm.microsoft.com"]);
        var local = Prerequisites.BuiltIn.For(new HashSet<string> { Methods.LocalScript }, new HashSet<Connectivity>());
        local.Addresses.ShouldNotContain(a => a.Purpose.StartsWith("registration", StringComparison.Ordinal));
        local.Steps.ShouldHaveSingleItem().Methods.ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_connectivity_of_the_packages_is_asked_for_and_both_when_there_is_none()
    {
        Hosts(Connectivity.Streamlined).ShouldContain("*.endpoint.security.microsoft.com");
        Hosts(Connectivity.Streamlined).ShouldNotContain("winatp-gw-*.microsoft.com");
        Hosts(Connectivity.Classic).ShouldNotContain("*.endpoint.security.microsoft.com");
        Hosts().Count.ShouldBe(Prerequisites.BuiltIn.Addresses.Length);

        static List<string> Hosts(params Connectivity[] used) =>
            [.. Prerequisites.BuiltIn.For(Methods.Titles.Select(t => t.Key).ToHashSet(), used.ToHashSet()).Addresses.Select(a => a.Host)];
    }

    [Theory]
    [InlineData("Core", WindowsEdition.Home)]
    [InlineData("CoreSingleLanguage", WindowsEdition.Home)]
    [InlineData("Professional", WindowsEdition.Pro)]
    [InlineData("ProfessionalWorkstation", WindowsEdition.Pro)]
    [InlineData("ProfessionalEducation", WindowsEdition.Education)]
    [InlineData("Enterprise", WindowsEdition.Enterprise)]
    [InlineData("EnterpriseN", WindowsEdition.Enterprise)]
    [InlineData("EnterpriseS", WindowsEdition.EnterpriseLtsc)]
    [InlineData("IoTEnterpriseS", WindowsEdition.IotEnterprise)]
    [InlineData("ServerRdsh", WindowsEdition.EnterpriseMultiSession)]
    public void The_edition_of_a_running_windows_is_known_by_its_id(string id, WindowsEdition edition) =>
        Prerequisites.BuiltIn.EditionIds.First(row => Regex.IsMatch(id, row.Pattern, RegexOptions.IgnoreCase)).Edition.ShouldBe(edition);

    [Fact]
    public void A_row_without_a_source_or_with_an_unknown_method_is_refused()
    {
        var outcome = Prerequisites.Parse("steps:\n  - { title: a, detail: b, methods: [gpo], date: 2024-01-01, certainty: documented }\naddresses:\n  - { host: a.example, for: b, scheme: ftp, source: x, date: 2024-01-01 }\n", "x.yaml");
        outcome.Diagnostics.Select(d => d.Message).ShouldBe(["There is no method 'gpo'.", "An entry of 'steps' needs 'source'.", "An entry of 'addresses' needs 'certainty'.", "'scheme' must be http or https."], ignoreOrder: true);
    }
}
