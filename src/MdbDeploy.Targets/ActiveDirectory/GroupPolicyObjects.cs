using System.DirectoryServices.Protocols;
using System.Globalization;
using System.Text;
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
/// <param name="filters">WMI filters.</param>
/// <param name="domain">DNS name of the domain.</param>
internal sealed class GroupPolicyObjects(DomainDirectory directory, ISysvol sysvol, WmiFilters filters, string domain)
{
    private const string CommentFile = "GPO.cmt";

    private static readonly string[] Sides = ["Machine", "User"];

    private static readonly string[] Attributes =
        ["cn", "displayName", "description", "flags", "versionNumber", "gPCMachineExtensionNames", "gPCUserExtensionNames", "gPCFileSysPath", "gPCWQLFilter", "nTSecurityDescriptor"];

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

    /// <summary>Makes or completes an object. What fails is taken back: nobody shall find half a policy in the console.</summary>
    /// <param name="change">The change, with the desired body.</param>
    /// <param name="cancellationToken">Ends it between two steps; the next push goes on there.</param>
    public LiveResource Write(Change change, CancellationToken cancellationToken)
    {
        var id = change.Actual?.RemoteId ?? change.Desired!.Body["guid"]!.GetValue<string>().ToUpperInvariant();
        var before = change.Actual is null ? null : sysvol.ReadFolder(FolderOf(id)) ?? new Dictionary<string, ReadOnlyMemory<byte>>();
        try
        {
            return Write(change, id, cancellationToken);
        }
        catch (TargetException failure)
        {
            try
            {
                TakeBack(id, before);
            }
            catch (TargetException also)
            {
                throw new TargetException(failure.Diagnostic with { Message = $"{failure.Diagnostic.Message} What was written already could not all be taken back ({also.Diagnostic.Message.TrimEnd('.')}); the next push completes it." }, failure);
            }

            throw;
        }
    }

    /// <summary>Takes back a new object whole, or the files of one that was there; its version is the last that a push writes, so that no computer has seen them.</summary>
    /// <param name="id">Identifier of the object.</param>
    /// <param name="before">The files that were there; null when the object is new.</param>
    private void TakeBack(string id, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? before)
    {
        var folder = FolderOf(id);
        if (before is null)
        {
            // The container first, unlike a deletion: a folder without one is seen by nobody, and the next push takes it up again.
            if (directory.Find($"CN={id},{directory.Policies}", "cn") is not null)
            {
                RemoveContainer(id, id);
            }

            sysvol.RemoveFolder(folder);
            return;
        }

        var now = sysvol.ReadFolder(folder) ?? new Dictionary<string, ReadOnlyMemory<byte>>();
        var write = before.Where(f => !now.TryGetValue(f.Key, out var same) || !same.Span.SequenceEqual(f.Value.Span)).Select(f => KeyValuePair.Create(f.Key, f.Value.ToArray()));
        sysvol.Write(folder, write, now.Keys.Where(path => !before.ContainsKey(path)));
    }

    private LiveResource Write(Change change, string id, CancellationToken cancellationToken)
    {
        var body = change.Desired!.Body;
        var name = $"CN={id},{directory.Policies}";
        Ensure(name, id, body);
        cancellationToken.ThrowIfCancellationRequested();

        var entry = directory.Find(name, Attributes) ?? throw new TargetException(Problems.DirectoryRefused.At(Location.Of(change.Address), $"'{name}' cannot be read after it was made."));
        var folder = FolderOf(id);
        var container = Grant(name, entry, (body["appliesTo"] as JsonArray)?.Select(t => t!["trustee"]!.GetValue<string>()));
        sysvol.MakeFolder(folder);
        GrantFolder(folder, container);

        cancellationToken.ThrowIfCancellationRequested();
        var files = FilesOf(body);
        var live = sysvol.ReadFolder(folder) ?? new Dictionary<string, ReadOnlyMemory<byte>>();
        var write = files.Where(f => !live.TryGetValue(f.Key, out var same) || !same.Span.SequenceEqual(f.Value));
        var remove = live.Keys.Where(path => !files.ContainsKey(path) && IsContent(path));
        sysvol.Write(folder, write.Concat(Comment(live, body)), remove);
        cancellationToken.ThrowIfCancellationRequested();

        var version = Next(entry, live);
        sysvol.Write(folder, [KeyValuePair.Create("GPT.INI", new GptIni { Version = version }.Write())], []);
        Finish(entry, body, files, version);
        return Read(directory.Find(name, Attributes)!, change.Address, change.ResourceKind.Name, Marker.Find(body["description"]?.ToString()));
    }

    /// <summary>Removes an object: its links, then the template, since the container carries the marker by which a push that was killed finds it again.</summary>
    public void Delete(Change change)
    {
        new GroupPolicyLinks(directory).Unlink(change.Actual!.RemoteId);
        sysvol.RemoveFolder(FolderOf(change.Actual.RemoteId));
        RemoveContainer(change.Actual.RemoteId, change.Actual.Name);
    }

    private void RemoveContainer(string id, string name)
    {
        var request = new DeleteRequest($"CN={id},{directory.Policies}");
        request.Controls.Add(new TreeDeleteControl());
        directory.Change(request, $"delete the Group Policy Object '{name}'");
    }

    /// <summary>
    /// The file <c>GPO.cmt</c> when it must be written: what the console and <c>Get-GPO</c> show as the object's comment. It carries the marker, by which
    /// <c>Import-MdbGpo.ps1</c> knows what a push made, and the other way round. A comment that people wrote stays.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, byte[]>> Comment(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> live, JsonObject body)
    {
        var (wanted, there) = (body["description"]!.GetValue<string>(), CommentOf(live));
        return there == wanted || (there is not null && Marker.Find(there) is null) ? [] : [KeyValuePair.Create(CommentFile, Encoding.Unicode.GetBytes(wanted))];
    }

    // UTF-16 without a byte order mark and without an end.
    private static string? CommentOf(IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? files) => files?.TryGetValue(CommentFile, out var text) == true ? Encoding.Unicode.GetString(text.Span).TrimStart('\uFEFF') : null;

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

    /// <summary>Whom an object applies to, as a set of its own.</summary>
    /// <param name="set">The desired set.</param>
    /// <param name="id">Identifier of the object.</param>
    public LiveResource ReadTrustees(Resource set, string id) => Trustees(set.Address, set.Kind, id, Descriptor(Entry(id)) is { } access ? GroupPolicyFilter.AppliesTo(access) : []);

    /// <summary>Adds and takes away those whom an object applies to, in the directory and on its folder.</summary>
    public LiveResource WriteTrustees(Change change)
    {
        var id = change.Actual?.RemoteId ?? change.Desired!.Path;
        var entry = Entry(id);
        var now = GroupPolicyFilter.AppliesTo(Descriptor(entry) ?? throw Unreadable(entry.DistinguishedName));
        var remove = change.Fields.Where(f => f.Desired is null).Select(f => TrusteeOf(f.Actual)).ToHashSet(StringComparer.Ordinal);
        var container = Grant(entry.DistinguishedName, entry, now.Where(t => !remove.Contains(t)).Concat(change.Fields.Where(f => f.Actual is null).Select(f => TrusteeOf(f.Desired))));
        // Also where nothing but entries without rights differs, which Samba's check expects to follow.
        GrantFolder(FolderOf(id), container, evenIfSame: true);
        return Trustees(change.Address, change.ResourceKind.Name, id, GroupPolicyFilter.AppliesTo(container));
    }

    private static LiveResource Trustees(string address, string kind, string id, IEnumerable<string> trustees) => new()
    {
        Address = address,
        Kind = kind,
        RemoteId = id,
        Name = id,
        Body = new JsonObject { ["appliesTo"] = new JsonArray([.. trustees.Select(trustee => (JsonNode)new JsonObject { ["trustee"] = trustee })]) },
    };

    private static string TrusteeOf(JsonNode? item) => item!["trustee"]!.GetValue<string>();

    private SearchResultEntry Entry(string id) =>
        directory.Find($"CN={id},{directory.Policies}", Attributes) ?? throw new TargetException(Problems.DirectoryRefused.At(Location.None, $"The Group Policy Object {id} is not there."));

    private void GrantFolder(string folder, SecurityDescriptor container, bool evenIfSame = false)
    {
        var access = GroupPolicyAccess.OfFolder(container, directory.IsSamba);
        var there = sysvol.ReadAccess(folder);
        if (evenIfSame || there is null || !GroupPolicyAccess.Same(there, access))
        {
            // Before any file, so that files take it over. Giving a folder the owner that it has takes a right that its creator lacks.
            sysvol.SetAccess(folder, access with { Owner = there?.Owner == access.Owner ? null : access.Owner, Group = there?.Group == access.Group ? null : access.Group });
        }
    }

    /// <summary>Sets whom an object applies to; null leaves it, but a new object then applies to nobody.</summary>
    private SecurityDescriptor Grant(string name, SearchResultEntry entry, IEnumerable<string>? trustees)
    {
        var made = Descriptor(entry) ?? throw Unreadable(name);
        // A push that was killed before it wrote the first version may have left the rights as the directory makes them.
        var isNew = Number(entry, "versionNumber") == 0;
        var tidy = GroupPolicyFilter.With(isNew ? GroupPolicyAccess.Tidy(made) : made, trustees is not null ? [.. trustees] : isNew ? [] : GroupPolicyFilter.AppliesTo(made));
        if (!tidy.Dacl.SequenceEqual(made.Dacl))
        {
            var request = new ModifyRequest(name, DirectoryAttributeOperation.Replace, "nTSecurityDescriptor", [tidy.Write()]);
            request.Controls.Add(new SecurityDescriptorFlagControl(SecurityMasks.Dacl));
            directory.Change(request, $"set the access list of '{name}'");
        }

        return tidy;
    }

    private void Finish(SearchResultEntry entry, JsonObject body, Dictionary<string, byte[]> files, uint version)
    {
        var extensions = ExtensionNames.Of(files.Select(f => KeyValuePair.Create(f.Key, (ReadOnlyMemory<byte>)f.Value)), GroupPolicySide.Machine);
        var request = new ModifyRequest(entry.DistinguishedName);
        if (body["wmiFilter"]?.GetValue<string>() is { } filter && filter != FilterOf(entry))
        {
            Replace("gPCWQLFilter", filter.Length == 0 ? [] : [$"[{domain};{filter};0]"]);
        }

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
        marker ??= Marker.Find(CommentOf(files));
        var body = new JsonObject
        {
            ["guid"] = id,
            ["displayName"] = DomainDirectory.Text(entry, "displayName"),
            ["description"] = DomainDirectory.Text(entry, "description") ?? CommentOf(files),
            ["userSideDisabled"] = (Number(entry, "flags") & 1) == 1,
            ["settings"] = new JsonArray([.. GroupPolicySettings.Of(files ?? new Dictionary<string, ReadOnlyMemory<byte>>()).Select(s => (JsonNode)new JsonObject { ["name"] = s.Name, ["value"] = s.Value })]),
            ["appliesTo"] = new JsonArray([.. (Descriptor(entry) is { } list ? GroupPolicyFilter.AppliesTo(list) : []).Select(trustee => (JsonNode)new JsonObject { ["trustee"] = trustee })]),
            ["wmiFilter"] = FilterOf(entry),
            ["bothHalvesAgree"] = Agree(entry, files),
        };
        return new LiveResource { Address = address, Kind = kind, RemoteId = id, Name = DomainDirectory.Text(entry, "displayName") ?? id, Marker = marker, Body = body };
    }

    /// <summary>Identifier of the policy's WMI filter; empty when it has none, or one of somebody else, which only gives way when the bundle wants one.</summary>
    private string FilterOf(SearchResultEntry entry) =>
        DomainDirectory.Text(entry, "gPCWQLFilter")?.Split(';') is [_, var id, ..] && filters.IsOurs(id.ToUpperInvariant()) ? id.ToUpperInvariant() : "";

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

    // GPT.INI is written last, GPO.cmt is not among the settings.
    private static bool IsContent(string path) => path.Contains('/', StringComparison.Ordinal);

    private static string Flags(JsonObject body) => body["userSideDisabled"]?.GetValue<bool>() == true ? "1" : "0";

    private static uint Number(SearchResultEntry entry, string attribute) =>
        int.TryParse(DomainDirectory.Text(entry, attribute), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? unchecked((uint)number) : 0;

    private static string IdOf(SearchResultEntry entry) => (DomainDirectory.Text(entry, "cn") ?? "").ToUpperInvariant();

    private static bool Same(JsonNode? wanted, string? there) => there is not null && string.Equals(wanted?.ToString(), there, StringComparison.OrdinalIgnoreCase);

    private static SecurityDescriptor? Descriptor(SearchResultEntry entry) => DomainDirectory.Bytes(entry, "nTSecurityDescriptor") is { } bytes ? SecurityDescriptor.Read(bytes) : null;

    private static TargetException Unreadable(string name) => new(Problems.DirectoryRightsMissing.At(Location.None, $"The access list of '{name}' cannot be read."));
}
