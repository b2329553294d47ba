using System.Globalization;
using System.Text.Json.Nodes;

namespace MdbDeploy.Lab.AdminService;

/// <summary>
/// A Configuration Manager site: its collections and their evaluation, which takes its time. After half of <see cref="LabHabits.RefreshDelay"/> the member count is
/// right, the rows come at its end, and then the collections that build on it are evaluated.
/// </summary>
internal sealed class Site
{
    private readonly LabState state;
    private int lastCollection = 0x13;
    private int lastFolder = 16777216;

    public Site(LabState state)
    {
        this.state = state;
        var now = state.Now;
        var all = new Collection { Id = "SMS00001", Name = "All Systems", IsBuiltIn = true, LastChange = now, LastRefresh = now };
        var clients = new Collection { Id = "SMSDM003", Name = "All Desktop and Server Clients", IsBuiltIn = true, LimitTo = all, RefreshType = 4, LastChange = now, LastRefresh = now };
        all.Members = [.. Clients];
        clients.Members = [.. Clients.Where(c => !c.Seed.WithoutClient)];
        (all.MemberCount, clients.MemberCount) = (all.Members.Count, clients.Members.Count);
        Collections = [all, clients];
        Systems = Clients.ToDictionary(c => c, c => Wmi.System(c, Code));
        Extension = new ExtensionData(this, state.Time);
    }

    public List<Collection> Collections { get; }

    /// <summary>The discovery records, made once.</summary>
    public IReadOnlyDictionary<Computer, JsonObject> Systems { get; }

    /// <summary>Custom properties of the devices.</summary>
    public ExtensionData Extension { get; }

    public List<Folder> Folders { get; } = [];

    public string Code => state.Options.SiteCode;

    /// <summary>The devices that Configuration Manager knows; with or without its client.</summary>
    public IEnumerable<Computer> Clients => state.Computers.Where(c => c.Seed.InConfigMgr);

    public Collection? Find(string id) => Collections.Find(c => string.Equals(c.Id, id, StringComparison.OrdinalIgnoreCase));

    public string NextCollectionId() => Code + (++lastCollection).ToString("X5", CultureInfo.InvariantCulture);

    public int NextFolderId() => ++lastFolder;

    /// <summary>Begins the evaluation of a collection.</summary>
    public void Refresh(Collection collection) => collection.RefreshStarted = state.Now;

    /// <summary>Begins the evaluation of the collections that ask for custom properties and follow changes (RefreshType 4 or 6).</summary>
    public void PropertiesChanged()
    {
        foreach (var collection in Collections.Where(c => (c.RefreshType & 4) != 0 && c.Rules.Exists(r => r["QueryExpression"]?.ToString().Contains(ExtensionData.ClassName, StringComparison.OrdinalIgnoreCase) == true)))
        {
            collection.RefreshStarted ??= state.Now;
        }
    }

    /// <summary>Finishes the evaluations that are due.</summary>
    public void Settle()
    {
        var delay = state.Options.Habits.RefreshDelay;
        // An evaluation that ends may start others, which may be due as well when the clock made a leap.
        while (Collections.Where(c => c.RefreshStarted + delay <= state.Now).MinBy(c => c.RefreshStarted) is { } due)
        {
            var end = due.RefreshStarted!.Value + delay;
            var members = Evaluate(due);
            var changed = !members.SequenceEqual(due.Members);
            due.Members = members;
            due.MemberCount = members.Count;
            due.RefreshStarted = null;
            due.LastRefresh = end;
            if (changed)
            {
                due.LastMemberChange = end;
                foreach (var dependent in Collections.Where(c => c != due && (c.LimitTo == due || c.Included.Concat(c.Excluded).Contains(due.Id, StringComparer.OrdinalIgnoreCase))))
                {
                    dependent.RefreshStarted ??= end;
                }
            }
        }

        foreach (var collection in Collections.Where(c => c.RefreshStarted + (delay / 2) <= state.Now && c.Counted != c.RefreshStarted))
        {
            collection.MemberCount = Evaluate(collection).Count;
            collection.Counted = collection.RefreshStarted;
        }
    }

    /// <summary>Members by the rules, limited by the limiting collection.</summary>
    private List<Computer> Evaluate(Collection collection)
    {
        if (collection.IsBuiltIn)
        {
            return collection.Id == "SMSDM003" ? [.. Clients.Where(c => !c.Seed.WithoutClient)] : [.. Clients];
        }

        IEnumerable<Computer> MembersOf(IEnumerable<string> ids) => ids.SelectMany(id => Find(id)?.Members ?? []);
        var direct = collection.Rules.Select(r => (int?)r["ResourceID"]).OfType<int>().ToHashSet();
        var included = MembersOf(collection.Included).ToHashSet();
        var excluded = MembersOf(collection.Excluded).ToHashSet();
        var queries = collection.Rules.Select(r => (string?)r["QueryExpression"]).OfType<string>().Select(Wql.TryParse).OfType<Wql>().ToList();
        return [.. collection.LimitTo!.Members.Where(c =>
            !excluded.Contains(c) && (direct.Contains(c.ResourceId) || included.Contains(c) || queries.Exists(q => q.Matches(name => Rows(name, c)))))];
    }

    /// <summary>The instances of a class that belong to a device, for the joins of a query.</summary>
    private IEnumerable<JsonObject> Rows(string className, Computer computer) => className.ToUpperInvariant() switch
    {
        "SMS_R_SYSTEM" => [Systems[computer]],
        "SMS_G_SYSTEM_ADVANCEDTHREATPROTECTIONHEALTHSTATUS" when state.Onboarding.IsActive(computer) => [Wmi.DefenderHealth(computer, state.OrganizationId, state.Now)],
        "SMS_G_SYSTEM_EXTENSIONDATA" => Extension.RowsOf(computer),
        _ => [],
    };
}
