using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.Graph;

/// <summary>A group of Entra ID.</summary>
internal sealed class Group
{
    public required string Id { get; init; }

    /// <summary>Its properties as they read back, except members.</summary>
    public required JsonObject Properties { get; init; }

    /// <summary>When reads and member changes begin to see it.</summary>
    public required DateTimeOffset VisibleFrom { get; init; }

    private readonly OrderedDictionary<Computer, Member> members = [];

    /// <summary>Its members, in the order in which they came.</summary>
    public IList<Member> Members => members.Values;

    public bool Has(Computer computer) => members.ContainsKey(computer);

    public void Add(Member member) => members.Add(member.Computer, member);

    public bool Remove(Computer computer) => members.Remove(computer);
}

/// <summary>A member of a group.</summary>
/// <param name="Computer">The device.</param>
/// <param name="VisibleFrom">When reads begin to see it.</param>
internal sealed record Member(Computer Computer, DateTimeOffset VisibleFrom);

/// <summary>What can be assigned to groups.</summary>
internal interface IAssignable
{
    string Id { get; }

    /// <summary>The assignments as they read back.</summary>
    List<JsonObject> Assignments { get; set; }
}

/// <summary>A policy of the settings catalogue.</summary>
internal sealed class ConfigurationPolicy : IAssignable
{
    public required string Id { get; init; }

    /// <summary>Its properties as they read back, except settings and assignments.</summary>
    public required JsonObject Properties { get; set; }

    /// <summary>Its settings as they read back: secrets are tokens.</summary>
    public required JsonArray Settings { get; set; }

    /// <summary>When lists begin to show it.</summary>
    public DateTimeOffset VisibleFrom { get; init; }

    /// <summary>Secrets by token.</summary>
    public Dictionary<string, Secret> Secrets { get; } = [];

    public List<JsonObject> Assignments { get; set; } = [];
}

/// <summary>A device configuration, of which the lab knows the custom profile.</summary>
internal sealed class DeviceConfiguration : IAssignable
{
    public required string Id { get; init; }

    /// <summary>Its properties as they read back, except its settings.</summary>
    public required JsonObject Properties { get; init; }

    /// <summary>Its settings as they were sent.</summary>
    public required JsonArray Settings { get; set; }

    public List<JsonObject> Assignments { get; set; } = [];
}

/// <summary>An assignment filter.</summary>
/// <param name="Id">Identifier.</param>
/// <param name="Properties">Its properties as they read back.</param>
internal sealed record AssignmentFilter(string Id, JsonObject Properties);

/// <summary>A secret behind a token. Not a record, whose text would show it.</summary>
internal sealed class Secret(string definitionId, string value)
{
    public string DefinitionId { get; } = definitionId;

    public string Value { get; } = value;
}
