using MdbDeploy.Policies;

namespace MdbDeploy.Tests.Policies;

public class SettingSearchTests
{
    private static readonly PolicyCatalog Catalog = PolicyCatalog.Read(Path.Combine(Repository.Root, "policies")).Value!;

    [Theory]
    [InlineData("av.rtp", "av.rtp")]
    [InlineData("AV.RTP", "av.rtp")]
    [InlineData("DisableRealtimeMonitoring", "av.rtp")]
    [InlineData("./device/vendor/msft/policy/config/defender/AllowRealtimeMonitoring", "av.rtp")]
    [InlineData("allowrealtimemonitoring", "av.rtp")]
    [InlineData("device_vendor_msft_policy_config_defender_allowrealtimemonitoring", "av.rtp")]
    [InlineData("D4F940AB-401B-4EFC-AADC-AD5F3C50688A", "asr.d4f940ab")]
    public void A_setting_is_found_by_any_of_its_names(string text, string id) => SettingSearch.Exactly(text, Catalog).ShouldHaveSingleItem().Id.ShouldBe(id);

    [Fact]
    public void A_name_that_settings_share_gives_all_of_them() =>
        SettingSearch.Exactly("EnableFirewall", Catalog).Select(s => s.Id).ShouldBe(["fw.domain.enablefirewall", "fw.private.enablefirewall", "fw.public.enablefirewall"]);

    [Theory]
    [InlineData("av.rpt", "av.rtp")]
    [InlineData("lsass", "asr.9e6c4e1f")]
    [InlineData("RealtimeMonitoring", "av.rtp")]
    public void What_is_misspelt_or_a_part_of_a_name_is_suggested(string text, string id)
    {
        SettingSearch.Exactly(text, Catalog).ShouldBeEmpty();
        var near = SettingSearch.Near(text, Catalog);
        near.Select(s => s.Id).ShouldContain(id);
        near.Count.ShouldBeLessThanOrEqualTo(5);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("nothing of the kind at all")]
    [InlineData("[red]\u0000")]
    public void What_is_like_nothing_suggests_nothing(string text) => SettingSearch.Near(text, Catalog).ShouldBeEmpty();
}
