using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MdbDeploy.Lab.AdminService;
using MdbDeploy.Lab.Defender;
using MdbDeploy.Lab.Graph;

namespace MdbDeploy.Lab;

/// <summary>What the simulated services hold. One lock guards it all; each property is a snapshot.</summary>
public sealed class LabState
{
    private readonly Dictionary<string, Computer> computersById;
    private int lastId;

    internal LabState(LabOptions options)
    {
        Options = options;
        Time = options.Time;
        OrganizationId = options.OrganizationId?.ToString("D") ?? LabServer.LabOrgId;
        Computers = [.. options.Devices.Select((device, index) => new Computer(device, index, options.Time.GetUtcNow()))];
        computersById = Computers.ToDictionary(c => c.ObjectId, StringComparer.OrdinalIgnoreCase);
        Approvals = new Approvals(this);
        Site = new Site(this);
        Onboarding = new Onboarding(this);
    }

    /// <summary>The organisation of Defender that onboarded computers report to.</summary>
    public string OrganizationId { get; }

    /// <summary>The groups of Entra ID, oldest first; also those that cannot be read over Graph yet.</summary>
    public IReadOnlyList<LabGroup> Groups
    {
        get
        {
            lock (Gate)
            {
                return [.. DirectoryGroups.Select(g => new LabGroup(
                    g.Id, (string)g.Properties["displayName"]!, (string?)g.Properties["uniqueName"], (string?)g.Properties["description"],
                    [.. g.Members.Select(m => new LabMember(m.Computer.ObjectId, m.Computer.DeviceId, m.Computer.Seed.Name))]))];
            }
        }
    }

    /// <summary>The Intune policies, oldest first.</summary>
    public IReadOnlyList<LabPolicy> Policies
    {
        get
        {
            lock (Gate)
            {
                return [.. ConfigurationPolicies.Select(p => new LabPolicy(
                    p.Id, (string)p.Properties["name"]!, (string?)p.Properties["description"], p.Settings.DeepClone().AsArray(),
                    [.. p.Assignments.Select(a => a["target"]!.DeepClone().AsObject())]))];
            }
        }
    }

    /// <summary>The device configurations, oldest first.</summary>
    public IReadOnlyList<LabPolicy> Profiles
    {
        get
        {
            lock (Gate)
            {
                return [.. DeviceConfigurations.Select(p => new LabPolicy(
                    p.Id, (string)p.Properties["displayName"]!, (string?)p.Properties["description"], p.Settings.DeepClone().AsArray(),
                    [.. p.Assignments.Select(a => a["target"]!.DeepClone().AsObject())]))];
            }
        }
    }

    /// <summary>The rules of the assignment filters, by name.</summary>
    public IReadOnlyDictionary<string, string> Filters
    {
        get
        {
            lock (Gate)
            {
                return AssignmentFilters.ToDictionary(f => (string)f.Properties["displayName"]!, f => (string)f.Properties["rule"]!);
            }
        }
    }

    /// <summary>Another administrator decides on every change that waits for approval.</summary>
    /// <param name="status"><c>approved</c>, <c>rejected</c>, <c>cancelled</c> or <c>expired</c>.</param>
    public int Decide(string status)
    {
        lock (Gate)
        {
            return Approvals.Decide(status);
        }
    }

    /// <summary>The device collections of Configuration Manager, the two built-in ones first.</summary>
    public IReadOnlyList<LabCollection> Collections
    {
        get
        {
            lock (Gate)
            {
                Site.Settle();
                return [.. Site.Collections.Select(c => new LabCollection(
                    c.Id, c.Name, c.Comment, c.LimitTo?.Id, [.. c.Rules.Select(r => r.DeepClone().AsObject())],
                    [.. c.Members.Select(m => m.Seed.Name)]))];
            }
        }
    }

    /// <summary>The devices that Defender knows.</summary>
    public IReadOnlyList<LabMachine> Machines
    {
        get
        {
            lock (Gate)
            {
                return [.. Computers.Where(Onboarding.IsListed).Select(c => new LabMachine(c.MachineId, c.Seed.Name, c.DeviceId))];
            }
        }
    }

    internal Lock Gate { get; } = new();

    internal LabOptions Options { get; }

    internal TimeProvider Time { get; }

    internal DateTimeOffset Now => Time.GetUtcNow();

    internal IReadOnlyList<Computer> Computers { get; }

    /// <summary>The computer with an object id of the directory; null when there is none.</summary>
    internal Computer? Computer(string objectId) => computersById.GetValueOrDefault(objectId);

    internal List<DeviceConfiguration> DeviceConfigurations { get; } = [];

    internal List<AssignmentFilter> AssignmentFilters { get; } = [];

    internal Approvals Approvals { get; }

    internal List<Group> DirectoryGroups { get; } = [];

    internal List<ConfigurationPolicy> ConfigurationPolicies { get; } = [];

    internal Site Site { get; }

    internal Onboarding Onboarding { get; }

    /// <summary>The secret that was sent for a setting of a policy, which reading a policy does not give; null when there is none.</summary>
    /// <param name="policyId">Identifier of the policy.</param>
    /// <param name="settingDefinitionId">Definition of the setting that holds the secret.</param>
    public string? Secret(string policyId, string settingDefinitionId)
    {
        lock (Gate)
        {
            return ConfigurationPolicies.FirstOrDefault(p => p.Id == policyId)?.Secrets.Values.FirstOrDefault(s => s.DefinitionId == settingDefinitionId)?.Value;
        }
    }

    /// <summary>A new identifier: the same one in every run that does the same, so that demonstrations look alike.</summary>
    internal Guid NewId() => Invent($"id {++lastId}");

    /// <summary>A GUID made from text.</summary>
    internal static Guid Invent(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"mdbdeploy-lab {text}"));
        hash[6] = (byte)((hash[6] & 0x0f) | 0x40);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}

/// <summary>A group of Entra ID.</summary>
/// <param name="Id">Identifier.</param>
/// <param name="DisplayName">Name; not unique.</param>
/// <param name="UniqueName">Alternate key; null when it has none.</param>
/// <param name="Description">Description.</param>
/// <param name="Members">Members, also those that cannot be read over Graph yet.</param>
public sealed record LabGroup(string Id, string DisplayName, string? UniqueName, string? Description, IReadOnlyList<LabMember> Members);

/// <summary>A member of a group.</summary>
/// <param name="ObjectId">Identifier of the directory object.</param>
/// <param name="DeviceId">Entra device id.</param>
/// <param name="Name">Name of the device.</param>
public sealed record LabMember(string ObjectId, Guid DeviceId, string Name);

/// <summary>An Intune policy.</summary>
/// <param name="Id">Identifier.</param>
/// <param name="Name">Name.</param>
/// <param name="Description">Description.</param>
/// <param name="Settings">The settings as they read back: secrets are tokens.</param>
/// <param name="Targets">The targets it is assigned to.</param>
public sealed record LabPolicy(string Id, string Name, string? Description, JsonArray Settings, IReadOnlyList<JsonObject> Targets);

/// <summary>A device collection of Configuration Manager.</summary>
/// <param name="Id">Identifier.</param>
/// <param name="Name">Name.</param>
/// <param name="Comment">Comment.</param>
/// <param name="LimitTo">Identifier of the limiting collection; null for All Systems.</param>
/// <param name="Rules">The rules as they read back.</param>
/// <param name="Members">Names of the members, as evaluated so far.</param>
[SuppressMessage("Naming", "CA1711", Justification = "A collection is what Configuration Manager calls it.")]
public sealed record LabCollection(string Id, string Name, string? Comment, string? LimitTo, IReadOnlyList<JsonObject> Rules, IReadOnlyList<string> Members);

/// <summary>A device that Defender knows.</summary>
/// <param name="Id">Identifier: 40 hexadecimal digits.</param>
/// <param name="Name">Name of the device.</param>
/// <param name="EntraDeviceId">Entra device id; all zero when it has none.</param>
public sealed record LabMachine(string Id, string Name, Guid EntraDeviceId);
