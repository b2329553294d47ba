using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MdbDeploy.Tests.Formats;

/// <summary>
/// What holds for every one of 137 backups that Windows made, checked over bytes and without any of our readers. There is no schema of Backup.xml; this is the next
/// best thing.
/// </summary>
internal static partial class GpmcInvariants
{
    private static readonly XNamespace B = "http://www.microsoft.com/GroupPolicy/GPOOperations";
    private static readonly XNamespace M = "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest";

    private static readonly string[] InstanceOrder = ["GPOGuid", "GPODomain", "GPODomainGuid", "GPODomainController", "BackupTime", "ID", "Comment", "GPODisplayName"];

    private static readonly string[] CoreOrder =
        ["ID", "Domain", "SecurityDescriptor", "DisplayName", "Options", "UserVersionNumber", "MachineVersionNumber", "MachineExtensionGuids", "UserExtensionGuids", "WMIFilter"];

    /// <summary>Asserts them over the files of a folder of backups; every backup in it is checked.</summary>
    public static void ShouldHold(IReadOnlyDictionary<string, byte[]> files)
    {
        var folders = files.Keys.Where(path => path.EndsWith("/Backup.xml", StringComparison.Ordinal)).Select(path => path.Split('/')[0]).ToList();
        folders.ShouldNotBeEmpty();
        var manifest = Parse(files["manifest.xml"]);
        manifest.Elements(M + "BackupInst").Select(e => e.Element(M + "ID")!.Value).ShouldBe(folders, ignoreOrder: true);
        foreach (var folder in folders)
        {
            Check(folder, files.Where(f => f.Key.StartsWith(folder + "/", StringComparison.Ordinal)).ToDictionary(f => f.Key[(folder.Length + 1)..], f => f.Value), manifest);
        }
    }

    private static void Check(string folder, Dictionary<string, byte[]> files, XElement manifest)
    {
        folder.ShouldMatch(@"^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$");
        Encoding.UTF8.GetString(files["bkupInfo.xml"]).ShouldStartWith("<BackupInst xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\">");
        var info = Parse(files["bkupInfo.xml"]);
        info.Elements().Select(e => e.Name).ShouldBe(InstanceOrder.Select(n => M + n));
        info.Element(M + "ID")!.Value.ShouldBe(folder);
        info.Element(M + "BackupTime")!.Value.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$");
        var listed = manifest.Elements(M + "BackupInst").Single(e => e.Element(M + "ID")!.Value == folder);
        listed.Elements().Select(e => (e.Name, e.Value)).ShouldBe(info.Elements().Select(e => (e.Name, e.Value)));

        var scheme = Parse(files["Backup.xml"]);
        scheme.Name.ShouldBe(B + "GroupPolicyBackupScheme");
        scheme.Attribute(B + "version")!.Value.ShouldBe("2.0");
        scheme.Descendants().Attributes().Where(a => !a.IsNamespaceDeclaration).ShouldAllBe(a => a.Name.Namespace == B);
        var core = scheme.Descendants(B + "GroupPolicyCoreSettings").Single();
        core.Elements().Select(e => e.Name).ShouldBe(CoreOrder.Select(n => B + n));
        core.Element(B + "ID")!.Value.ShouldBe(info.Element(M + "GPOGuid")!.Value);
        core.Element(B + "ID")!.Value.ShouldNotBe(folder);

        var locations = scheme.Descendants(B + "FSObjectFile").Select(e => e.Attribute(B + "Location")?.Value.Replace('\\', '/')).OfType<string>().ToList();
        var present = files.Keys.Where(p => p.StartsWith("DomainSysvol/", StringComparison.Ordinal)).ToList();
        locations.ShouldBe(present, ignoreOrder: true);
        present.ShouldAllBe(p => !p.EndsWith("GPT.INI", StringComparison.OrdinalIgnoreCase));
        foreach (var file in scheme.Descendants(B + "FSObjectFile").Where(e => e.Attribute(B + "Location") is not null))
        {
            // Every folder is listed, and before its files where one block lists both.
            var parent = file.Attribute(B + "Location")!.Value[..file.Attribute(B + "Location")!.Value.LastIndexOf('\\')];
            if (parent.Split('\\').Length > 3)
            {
                var folderOfFile = scheme.Descendants(B + "FSObjectDir").Where(d => d.Attribute(B + "Location")?.Value == parent).ShouldHaveSingleItem();
                (folderOfFile.IsBefore(file) || BlockOf(folderOfFile) != BlockOf(file)).ShouldBeTrue(parent);
            }
        }

        var extensions = scheme.Descendants(B + "GroupPolicyExtension").Select(e => e.Attribute(B + "ID")!.Value.ToUpperInvariant()).ToList();
        extensions[0].ShouldBe("{35378EAC-683F-11D2-A89A-00C04FBBCFA2}");
        extensions[^1].ShouldBe("{F15C46CD-82A0-4C2D-A210-5D0D3182A418}");
        scheme.Descendants(B + "FSObjectFile").ShouldContain(e => e.Attribute(B + "Path")!.Value == @"%GPO_FSPATH%\Adm\*.*" && e.Attribute(B + "Location") == null);
        foreach (var side in new[] { "Machine", "User" })
        {
            CheckExtensionNames(core.Element(B + (side + "ExtensionGuids"))!.Value, side, files);
        }
    }

    private static void CheckExtensionNames(string names, string side, Dictionary<string, byte[]> files)
    {
        names.ShouldMatch(@"^(\[(\{[0-9A-F-]{36}\}){2,}\])*$");
        var pairs = Pair().Matches(names).Select(m => Regex.Matches(m.Value, @"\{[^}]+\}").Select(g => g.Value).ToList()).ToList();
        pairs.Select(p => p[0]).ShouldBe(pairs.Select(p => p[0]).Order(StringComparer.Ordinal).Distinct());
        pairs.ShouldAllBe(p => p.Skip(1).SequenceEqual(p.Skip(1).Order(StringComparer.Ordinal)));
        if (files.TryGetValue($"DomainSysvol/GPO/{side}/registry.pol", out var policy) && policy.Length > 8)
        {
            pairs.ShouldContain(p => p[0] == "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}");
        }

        if (files.Keys.Any(p => p.StartsWith($"DomainSysvol/GPO/{side}/Preferences/", StringComparison.Ordinal)))
        {
            pairs[0][0].ShouldBe("{00000000-0000-0000-0000-000000000000}");
        }
    }

    private static XElement BlockOf(XElement file) => file.Ancestors(B + "GroupPolicyExtension").Single();

    private static XElement Parse(byte[] xml) => XDocument.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(xml)).Root!;

    [GeneratedRegex(@"\[[^\]]+\]")]
    private static partial Regex Pair();
}
