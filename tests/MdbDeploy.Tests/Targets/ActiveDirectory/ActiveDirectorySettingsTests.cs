using System.Text.Json.Nodes;
using MdbDeploy.Targets.ActiveDirectory;

namespace MdbDeploy.Tests.Targets.ActiveDirectory;

public class ActiveDirectorySettingsTests
{
    [Theory]
    [InlineData("SELECT * FROM Win32_OperatingSystem WHERE ProductType = 1", true)]
    [InlineData("select Name from Win32_ComputerSystem where Name like 'a;b'", true)]
    [InlineData("Win32_OperatingSystem", false)]
    [InlineData("SELECT * FROM A\nSELECT * FROM B", false)]
    public void A_WMI_filter_is_one_query(string query, bool isGood) =>
        ActiveDirectorySettings.Read(new JsonObject { ["domain"] = "corp.contoso.example", ["wmiFilter"] = query }).Diagnostics.Count.ShouldBe(isGood ? 0 : 1);
}
