using System.DirectoryServices.Protocols;
using System.Globalization;
using System.Text.Json.Nodes;
using MdbDeploy.Bundles;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// Group Policy Objects: the container in the directory and the template in SYSVOL, which must always say the same. Each step may be repeated, so that a push that was
/// killed between two of them goes on where it stopped: container, folder, access list, files, GPT.INI, and last version and extension names in one change.
/// </summary>
/// <param name="directory">The directory.</param>
/// <param name="sysvol">The templates.</param>
/// <param name="domain">DNS name of the domain.</param>
internal sealed class GroupPolicyObjects(DomainDirectory directory, ISysvol sysvol, string domain)
{
    private static readonly string[] Sides = ["Machine", "User"];

    private static readonly string[] Attributes =
        ["cn", "displayName", "description", "flags", "versionNumber", "gPCMachineExtensionNames", "gPCUserExtensionNames", "gPCFileSysPath", "nTSecurityDescriptor"];

    /// <summary>The objects in the place of desired ones, and those that carry the project's marker.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="desired">The bundle's resources.</param>
    /// <param name="cancellationToken">Ends the reading between two objects.</param>
    public IReadOnlyList<LiveResource> Find(ResourceKind kind, DesiredState desired, CancellationToken cancellationToken)
    {
        var wanted = desired.Resources.Where(r => r.Kind == kind.Name).ToList();
        var entries = directory.Search(directory.Policies, SearchScope.OneLevel, "(objectClass=groupPolicyContainer)", withDescriptor: true, Attributes) ?? [];
        var live = new List<LiveResource>();
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var marker = Marker.Find(DomainDirectory.Text(entry, "description"));
            var name = DomainDirectory.Text(entry, "displayName");
            var id = IdOf(entry);
            var places = wanted.Where(r => (marker?.Project == desired.Project && marker.Address == r.Address) || Same(r.Body["guid"], id) || Same(r.Body["displayName"], name)).Select(r => r.Address).ToList();
            if (places.Count > 0)
            {
                live.AddRange(places.Select(address => Read(entry, address, kind.Name, marker)));
            }
            else if (marker?.Project == desired.Project)
            {
                live.Add(Read(entry, marker.Address, kind.Name, marker));
            }
        }

        return live;
    }

    /// <summary>Makes or completes an object.</summary>
    /// <param name="change">The change, with the desired body.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    public LiveResource Write(Change change, CancellationToken cancellationToken)
    {
        var body = change.Desired!.Body;
        var id = change.Actual?.RemoteId ?? body["guid"]!.GetValue<string>().ToUpperInvariant();
        var name = $"CN={id},{directory.Policies}";
        Ensure(name, id, body);
        cancellationToken.ThrowIfCancellationRequested();

        var entry = directory.Find(name, Attributes) ?? throw new TargetException(Problems.DirectoryRefused.At(Location.Of(change.Address), $"'{name}' cannot be read after it was made."));
        var folder = FolderOf(id);
        // A push that was killed before it wrote the first version may have left the rights as the directory makes them.
        var access = GroupPolicyAccess.OfFolder(Number(entry, "versionNumber") == 0 ? TidyAccess(name, entry) : Descriptor(entry) ?? throw Unreadable(name), directory.IsSamba);
        sysvol.MakeFolder(folder);
        if (sysvol.ReadAccess(folder) is not { } there || !GroupPolicyAccess.Same(there, access))
        {
            // Before any file, so that files take it over.
            sysvol.SetAccess(folder, access);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var files = FilesOf(body);
        var live = sysvol.ReadFolder(folder) ?? new Dictionary<string, ReadOnlyMemory<byte>>();
        var write = files.Where(f => !live.TryGetValue(f.Key, out var same) || !same.Span.SequenceEqual(f.Value));
        var remove = live.Keys.Where(path => !files.ContainsKey(path) && IsContent(path));
        sysvol.Write(folder, write, remove);
        cancellationToken.ThrowIfCancellationRequested();

        var version = Next(entry, live);
        sysvol.Write(folder, [KeyValuePair.Create("GPT.INI", new GptIni { Version = version }.Write())], []);
        Finish(name, body, files, version);
        return Read(directory.Find(name, Attributes)!, change.Address, change.ResourceKind.Name, Marker.Find(body["description"]?.ToString()));
    }

    /// <summary>Removes an object: its links, then the template, since the container carries the marker by which a push that was killed finds it again.</summary>
    public void Delete(Change change)
    {
        var id = change.Actual!.RemoteId;
        new GroupPolicyLinks(directory).Unlink(id);
        sysvol.RemoveFolder(FolderOf(id));
        var request = new DeleteRequest($"CN={id},{directory.Policies}");
        request.Controls.Add(new TreeDeleteControl());
        directory.Change(request, $"delete the Group Policy Object '{change.Actual.Name}'");
    }

    private string FolderOf(string id) => $@"{domain}\Policies\{id}";

    /// <summary>Makes the container and its two children where they are missing.</summary>
    private void Ensure(string name, string id, JsonObject body)
    {
        if (directory.Find(name, "cn") is null)
        {
            directory.Change(new AddRequest(name,
                new DirectoryAttribute("objectClass", "groupPolicyContainer"),
                new DirectoryAttribute("displayName", body["displayName"]!.GetValue<string>()),
                new DirectoryAttribute("description", body["description"]!.GetValue<string>()),
                new DirectoryAttribute("flags", Flags(body)),
                new DirectoryAttribute("gPCFunctionalityVersion", "2"),
                new DirectoryAttribute("gPCFileSysPath", $@"\\{domain}\SysVol\{domain}\Policies\{id}"),
                new DirectoryAttribute("versionNumber", "0"),
                new DirectoryAttribute("showInAdvancedViewOnly", "TRUE")), $"create the Group Policy Object '{body["displayName"]}'");
        }

        foreach (var side in Sides.Where(side => directory.Find($"CN={side},{name}", "cn") is null))
        {
            directory.Change(new AddRequest($"CN={side},{name}", new DirectoryAttribute("objectClass", "container"), new DirectoryAttribute("showInAdvancedViewOnly", "TRUE")), $"create the side '{side}' of '{body["displayName"]}'");
        }
    }

    private SecurityDescriptor TidyAccess(string name, SearchResultEntry entry)
    {
        var made = Descriptor(entry) ?? throw Unreadable(name);
        var tidy = GroupPolicyAccess.Tidy(made);
        if (!tidy.Dacl.SequenceEqual(made.Dacl))
        {
            var request = new ModifyRequest(name, DirectoryAttributeOperation.Replace, "nTSecurityDescriptor", [tidy.Write()]);
            request.Controls.Add(new SecurityDescriptorFlagControl(SecurityMasks.Dacl));
            directory.Change(request, $"set the access list of '{name}'");
        }

        return tidy;
    }

    private void Finish(string name, JsonObject body, Dictionary<string, byte[]> files, uint version)
    {
        var extensions = ExtensionNames.Of(files.Select(f => KeyValuePair.Create(f.Key, (ReadOnlyMemory<byte>)f.Value)), GroupPolicySide.Machine);
        var request = new ModifyRequest(name);
        Replace("displayName", body["displayName"]!.GetValue<string>());
        Replace("description", body["description"]!.GetValue<string>());
        Replace("flags", Flags(body));
        Replace("versionNumber", version.ToString(CultureInfo.InvariantCulture));
        Replace("gPCMachineExtensionNames", extensions.Length == 0 ? [] : [extensions]);
        directory.Change(request, $"write the version of '{body["displayName"]}'");

        void Replace(string attribute, params string[] values)
        {
            var change = new DirectoryAttributeModification { Name = attribute, Operation = DirectoryAttributeOperation.Replace };
            change.AddRange(values);
            request.Modifications.Add(change);
        }
    }

    private LiveResource Read(SearchResultEntry entry, string address, string kind, Marker? marker)
    {
        var id = IdOf(entry);
        var files = sysvol.ReadFolder(FolderOf(id));
        var body = new JsonObject
        {
            ["guid"] = id,
            ["displayName"] = DomainDirectory.Text(entry, "displayName"),
            ["description"] = DomainDirectory.Text(entry, "description"),
            ["userSideDisabled"] = (Number(entry, "flags") & 1) == 1,
            ["settings"] = new JsonArray([.. GroupPolicySettings.Of(files ?? new Dictionary<string, ReadOnlyMemory<byte>>()).Select(s => (JsonNode)new JsonObject { ["name"] = s.Name, ["value"] = s.Value })]),
            ["bothHalvesAgree"] = Agree(entry, files),
        };
        return new LiveResource { Address = address, Kind = kind, RemoteId = id, Name = DomainDirectory.Text(entry, "displayName") ?? id, Marker = marker, Body = body };
    }

    /// <summary>Whether container and template have the same version, extension names and rights.</summary>
    private bool Agree(SearchResultEntry entry, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? files) =>
        files is not null && files.TryGetValue("GPT.INI", out var text) && GptIni.Read(text.Span, "GPT.INI").Value?.Version == Number(entry, "versionNumber")
        && string.Equals(DomainDirectory.Text(entry, "gPCMachineExtensionNames") ?? "", ExtensionNames.Of(files.Where(f => IsContent(f.Key)), GroupPolicySide.Machine), StringComparison.OrdinalIgnoreCase)
        && Descriptor(entry) is { } container && sysvol.ReadAccess(FolderOf(IdOf(entry))) is { } folder && GroupPolicyAccess.Same(GroupPolicyAccess.OfFolder(container, directory.IsSamba), folder);

    /// <summary>The next version: of each side the larger of the two halves, and one more on the computer's.</summary>
    private static uint Next(SearchResultEntry entry, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var there = files.TryGetValue("GPT.INI", out var text) ? GptIni.Read(text.Span, "GPT.INI").Value?.Version ?? 0 : 0;
        var (file, container) = (new GptIni { Version = there }, new GptIni { Version = Number(entry, "versionNumber") });
        var both = GptIni.VersionOf(Math.Max(file.MachineVersion, container.MachineVersion), Math.Max(file.UserVersion, container.UserVersion));
        return new GptIni { Version = both }.Next(GroupPolicySide.Machine).Version;
    }

    private static Dictionary<string, byte[]> FilesOf(JsonObject body) =>
        body["files"]!.AsArray().ToDictionary(f => f!["path"]!.GetValue<string>(), f => Convert.FromBase64String(f!["content"]!.GetValue<string>()), StringComparer.OrdinalIgnoreCase);

    // GPT.INI is written last, GPO.cmt belongs to whoever comments in the console.
    private static bool IsContent(string path) => path.Contains('/', StringComparison.Ordinal);

    private static string Flags(JsonObject body) => body["userSideDisabled"]?.GetValue<bool>() == true ? "1" : "0";

    private static uint Number(SearchResultEntry entry, string attribute) =>
        int.TryParse(DomainDirectory.Text(entry, attribute), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? unchecked((uint)number) : 0;

    private static string IdOf(SearchResultEntry entry) => (DomainDirectory.Text(entry, "cn") ?? "").ToUpperInvariant();

    private static bool Same(JsonNode? wanted, string? there) => there is not null && string.Equals(wanted?.ToString(), there, StringComparison.OrdinalIgnoreCase);

    private static SecurityDescriptor? Descriptor(SearchResultEntry entry) => DomainDirectory.Bytes(entry, "nTSecurityDescriptor") is { } bytes ? SecurityDescriptor.Read(bytes) : null;

    private static TargetException Unreadable(string name) => new(Problems.DirectoryRightsMissing.At(Location.None, $"The access list of '{name}' cannot be read."));
}
