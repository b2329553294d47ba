using MdbDeploy.Targets.Checks;
using MdbDeploy.Targets.Http;

namespace MdbDeploy.Targets.ConfigMgr;

/// <summary>Sign-in, clock and rights to read of a site. What an account may write, a site tells to nobody but whoever writes.</summary>
public static class ConfigMgrCheck
{
    private const string System = "Configuration Manager";

    private static readonly (string What, string Path)[] Classes =
    [
        ("collections", "wmi/SMS_Collection?$top=1&$select=CollectionID"),
        ("device records", "wmi/SMS_R_System?$top=1&$select=ResourceID"),
        ("members of collections", "wmi/SMS_FullCollectionMembership?$top=1"),
        ("folders", "wmi/SMS_ObjectContainerNode?$top=1"),
    ];

    /// <summary>Looks. Writes nothing.</summary>
    /// <param name="connection">The site.</param>
    /// <param name="time">This machine's clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<TargetCheck>> RunAsync(ConfigMgrConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var settings = connection.Settings;
        DateTimeOffset? theirs = null;
        var checks = new List<TargetCheck>();
        await LookAsync("site", "wmi/SMS_Site", answer =>
        {
            var codes = AdminService.Rows(answer).Select(row => row["SiteCode"]?.ToString()).OfType<string>().ToList();
            return settings.SiteCode is { } code && !codes.Contains(code, StringComparer.OrdinalIgnoreCase)
                ? (Verdict.Warning, $"readable; it is site {string.Join(", ", codes)}, and mdbdeploy.yaml says {code}")
                : (Verdict.Passed, $"readable; site {string.Join(", ", codes)}");
        });
        if (checks[0].Verdict == Verdict.Failed)
        {
            return theirs is null ? checks : [.. checks, Clock.Check(System, theirs, time.GetUtcNow())];
        }

        foreach (var (what, path) in Classes)
        {
            await LookAsync(what, path, _ => (Verdict.Passed, "readable"));
        }

        await LookAsync($"limiting collection {settings.LimitingCollection}", AdminService.Keyed("wmi/SMS_Collection", settings.LimitingCollection), answer =>
            AdminService.Rows(answer) is [var row, ..] ? (Verdict.Passed, $"'{row["Name"]}', {row["MemberCount"] ?? 0} members") : (Verdict.Failed, "not found, or not visible to this account"));
        checks.Add(new(System, "rights to write", Verdict.Unknown, "a site tells them only to a write; the bundle's configmgr/hand-off/New-MdbRole.ps1 makes a role that holds what 'push' needs and no more"));
        return [.. checks, Clock.Check(System, theirs, time.GetUtcNow())];

        async Task LookAsync(string what, string path, Func<RestResponse, (Verdict Verdict, string Finding)> judge)
        {
            try
            {
                var answer = await connection.Client.SendAsync(RestRequest.Get(path), cancellationToken);
                theirs = Clock.Of(answer.Header("Date")) ?? theirs;
                var (verdict, finding) = judge(AdminService.Succeeded(answer));
                checks.Add(new(System, what, verdict, finding));
            }
            catch (TargetException failed)
            {
                checks.Add(new(System, what, Verdict.Failed, $"{failed.Diagnostic.Message} {failed.Diagnostic.Problem.Advice}"));
            }
        }
    }
}
