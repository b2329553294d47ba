using System.Text;
using System.Text.Json;
using CsCheck;
using MdbDeploy.Packages;

namespace MdbDeploy.Tests.Packages;

public class BlobTests
{
    [Fact]
    public void The_line_of_a_real_script_gives_the_bytes_of_the_file()
    {
        OnboardingScript.Find(Zips.Bytes(PortalFiles.CmdLines[0]))!.Blob!.Value.ToArray().ShouldBe(PortalFiles.Onboarding);
        var offboarding = OnboardingScript.Find(Zips.Bytes(PortalFiles.CmdLines[1]))!;
        offboarding.IsOffboarding.ShouldBeTrue();
        offboarding.Blob!.Value.ToArray().ShouldBe(PortalFiles.Offboarding);
    }

    [Fact]
    public void Escaping_writes_the_line_as_the_portal_does() =>
        PortalFiles.CmdLines[0].ShouldContain($"/d \"{CmdArgument.Escape(Encoding.ASCII.GetString(PortalFiles.Onboarding))}\" >");

    [Fact]
    public void Script_and_file_give_the_same_bytes_whatever_the_blob_holds() =>
        Gen.Select(Gen.Char[' ', '~'].Array[0, 60], Gen.Char["\\\"%^&/ "].Array[0, 20], Gen.String.AlphaNumeric).Sample((any, awkward, signature) =>
        {
            var text = new string(any) + new string(awkward);
            var body = JsonSerializer.Serialize(new { orgId = PortalFiles.Organization, datacenter = text });
            var blob = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { body, sig = signature + new string(awkward) }));
            var script = OnboardingScript.Find(PortalFiles.Script(blob))!;
            script.Blob!.Value.ToArray().ShouldBe(blob);
            OnboardingBlob.Parse(script.Blob.Value)!.Bytes.ToArray().ShouldBe(OnboardingBlob.Parse(blob)!.Bytes.ToArray());
        });

    [Fact]
    public void A_byte_order_mark_and_blank_lines_are_not_part_of_the_blob()
    {
        byte[] saved = [0xEF, 0xBB, 0xBF, .. "\r\n"u8, .. PortalFiles.Onboarding, .. "\r\n"u8];
        OnboardingBlob.LooksLike(saved).ShouldBeTrue();
        OnboardingBlob.Parse(saved)!.Bytes.ToArray().ShouldBe(PortalFiles.Onboarding);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"body":1,"sig":"x"}""")]
    [InlineData("""{"body":"not json","sig":"x"}""")]
    [InlineData("""{"body":"[]","sig":"x"}""")]
    [InlineData("""{"body":"{\"orgId\":\"not a guid\"}","sig":"x"}""")]
    [InlineData("""{"body":"{\"orgId\":\"11111111-2222-4333-8444-555555555555\"}"}""")]
    [InlineData("""{"body":"{\"orgId\":\"11111111-2222-4333-8444-555555555555\"}","sig":"x"} trailing""")]
    public void What_is_no_blob_is_none(string text) => OnboardingBlob.Parse(Encoding.UTF8.GetBytes(text)).ShouldBeNull();

    [Fact]
    public void What_a_blob_names_and_people_see_is_a_short_plain_word_or_nothing() =>
        OnboardingBlob.Parse(PortalFiles.Blob(more: ",\"datacenter\":\"<b>West & Europe</b>\""))!.Datacenter.ShouldBeNull();

    [Theory]
    [InlineData("VDI-POOL-001", "2df463a1-155f-87c9-74c8-08f8fd842d9b")]
    [InlineData("vdi-pool-001", "e177e7ec-d9df-c14e-c81d-7cd027a753ac")]
    [InlineData("VDI-POOL-002", "0fa0263d-46d0-08bb-204b-d3bd508fc1d4")]
    [InlineData("WIN11-MCS-0001", "f4fb0a8a-5992-f0d9-0a79-395af2e0b9a2")]
    public void The_identity_of_a_virtual_desktop_follows_from_its_name(string machine, string expected) =>
        SenseGuid.Of(Guid.Parse(PortalFiles.Organization), machine).ShouldBe(Guid.Parse(expected));
}
