using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.AdminService;

/// <summary>A device collection.</summary>
internal sealed class Collection
{
    public required string Id { get; init; }

    public required string Name { get; set; }

    /// <summary>The collection whose members it may have at most; null for All Systems.</summary>
    public Collection? LimitTo { get; set; }

    /// <summary>1 manual, 2 periodic, 4 incremental, 6 both.</summary>
    public int RefreshType { get; set; } = 1;

    public string? Comment { get; set; }

    public bool IsBuiltIn { get; init; }

    /// <summary>The rules as they read back.</summary>
    public List<JsonObject> Rules { get; } = [];

    public int LastQueryId { get; set; }

    /// <summary>What the members list shows.</summary>
    public IReadOnlyList<Computer> Members { get; set; } = [];

    /// <summary>What the last evaluation counted; ahead of <see cref="Members"/> for a moment.</summary>
    public int MemberCount { get; set; }

    /// <summary>When the evaluation under way began; null when none is.</summary>
    public DateTimeOffset? RefreshStarted { get; set; }

    /// <summary>Beginning of the evaluation that <see cref="MemberCount"/> shows ahead of the rows.</summary>
    public DateTimeOffset? Counted { get; set; }

    /// <summary>1 ready, 5 awaiting refresh (SMS_Collection class reference).</summary>
    public int CurrentStatus => RefreshStarted is null && LastRefresh is not null ? 1 : 5;

    public required DateTimeOffset LastChange { get; set; }

    public DateTimeOffset? LastMemberChange { get; set; }

    public DateTimeOffset? LastRefresh { get; set; }

    /// <summary>The folder it lies in; 0 for the root.</summary>
    public int FolderId { get; set; }

    public IEnumerable<string> Included => Rules.Select(r => (string?)r["IncludeCollectionID"]).OfType<string>();

    public IEnumerable<string> Excluded => Rules.Select(r => (string?)r["ExcludeCollectionID"]).OfType<string>();
}

/// <summary>A folder of the console (SMS_ObjectContainerNode).</summary>
internal sealed record Folder(int Id, string Name, int ParentId, int ObjectType);
