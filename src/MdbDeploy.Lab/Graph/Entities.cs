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

    public List<Member> Members { get; } = [];
}

/// <summary>A member of a group.</summary>
/// <param name="Computer">The device.</param>
/// <param name="VisibleFrom">When reads begin to see it.</param>
internal sealed record Member(Computer Computer, DateTimeOffset VisibleFrom);

/// <summary>A policy of the settings catalogue.</summary>
internal sealed class ConfigurationPolicy
{
    public required string Id { get; init; }

    /// <summary>Its properties as they read back, except settings and assignments.</summary>
    public required JsonObject Properties { get; set; }

    /// <summary>Its settings as they read back: secrets are tokens.</summary>
    public required JsonArray Settings { get; set; }

    /// <summary>Secrets by token.</summary>
    public Dictionary<string, Secret> Secrets { get; } = [];

    public List<JsonObject> Assignments { get; set; } = [];
}

/// <summary>A secret behind a token. Not a record, whose text would show it.</summary>
internal sealed class Secret(string definitionId, string value)
{
    public string DefinitionId { get; } = definitionId;

    public string Value { get; } = value;
}
