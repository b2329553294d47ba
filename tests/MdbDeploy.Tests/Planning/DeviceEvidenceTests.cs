using MdbDeploy.Inventory;
using MdbDeploy.Planning;
using MdbDeploy.Tests.Inventory;

namespace MdbDeploy.Tests.Planning;

public class DeviceEvidenceTests
{
    private static readonly string[] Files = ["intune-devices-portal-export.csv", "ad-getadcomputer-ps51-TYPE.csv", "citrix-get-brokermachine.csv"];

    [Fact]
    public void Each_field_of_a_merged_device_names_the_record_it_comes_from_and_what_others_say() =>
        Of("LT-SE-0001").ShouldBe(
        [
            "name LT-SE-0001 from intune:2",
            "fqdn lt-se-0001.corp.contoso.example from ad:3",
            "domain corp.contoso.example from ad:3",
            "os Windows from intune:2",
            "edition pro from intune:2",
            "build 19045.4412 from intune:2",
            "role client from intune:2",
            "join entra from intune:2, domain in ad:3",
            "managed-by intune from intune:2",
            "entra-device-id 1e5d05e4-7f4a-56e0-9f4c-861d1efd822c from intune:2",
            "intune-device-id 19f2f9ce-4fef-5c7e-abfe-e4357d682164 from intune:2",
            "ad-object-id 5e03c3a5-9684-5414-b3e0-759d46ac93ce from ad:3",
            "serial SN0001 from intune:2",
            "ou OU=Workstations,OU=SE,DC=corp,DC=contoso,DC=example from ad:3",
            "owner anna.lind@contoso.example from intune:2",
            "last-seen 2025-11-20 08:12 UTC from intune:2",
        ]);

    [Fact]
    public void What_is_of_no_single_record_names_all_that_contribute()
    {
        var fleet = TempInventory.ReadAll("name,serial,managed by\nPC-1,SN-1,Intune\n", "name,serial,managed by\nPC-1,SN-1,MDE\n");
        var device = fleet.Devices.ShouldHaveSingleItem();
        var records = device.Origins.Zip([device with { ManagedBy = Management.Intune }, device with { ManagedBy = Management.Defender }]).ToDictionary(pair => pair.First, pair => pair.Second);
        var managers = DeviceEvidence.Of(device, records).Single(field => field.Field == "managed-by");
        (managers.Value, managers.From.Length, managers.Others.Length).ShouldBe(("intune, defender", 2, 0));
    }

    private static IEnumerable<string> Of(string name)
    {
        var device = TempInventory.ReadFixtures(Files).Devices.Single(d => d.Name == name);
        var records = InventoryReader.Records([.. Files.Select(file => new InventoryFile(file, TempInventory.Fixture(file)))], new InventoryOptions(), device.Origins.ToHashSet(), TestContext.Current.CancellationToken);
        records.Count.ShouldBe(device.Origins.Length);
        return DeviceEvidence.Of(device, records).Select(field => $"{field.Field} {field.Value} from {string.Join(" + ", field.From.Select(At))}{string.Concat(field.Others.Select(other => $", {other.Value} in {At(other.From)}"))}");

        static string At(Origin origin) => $"{origin.File.Split('-')[0]}:{origin.Line}";
    }
}
