using System.DirectoryServices.Protocols;
using MdbDeploy.Targets.Checks;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// Clock, sign-in and rights in a domain. What whoever signed in may write, the directory computes when it is asked: <c>allowedChildClassesEffective</c> (MS-ADTS 3.1.1.4.5.5) and
/// <c>allowedAttributesEffective</c> (3.1.1.4.5.7).
/// </summary>
internal static class DomainCheck
{
    private const string System = "Active Directory";

    /// <summary>Looks.</summary>
    /// <param name="settings">What the project says of the domain.</param>
    /// <param name="signIn">Signs in.</param>
    /// <param name="openSysvol">Opens SYSVOL; signed in.</param>
    /// <param name="time">This machine's clock.</param>
    public static IReadOnlyList<TargetCheck> Run(ActiveDirectorySettings settings, Func<DomainDirectory> signIn, Func<ISysvol> openSysvol, TimeProvider time)
    {
        DomainDirectory directory;
        var checks = new List<TargetCheck>();
        try
        {
            // The clock first, which needs no sign-in: one that is wrong is why signing in fails.
            checks.Add(Clock.Check(System, DomainDirectory.TimeOf(settings), time.GetUtcNow()));
            directory = signIn();
            checks.Add(Passed("sign-in", $"signed in to {directory.Server} of {directory.Domain}"));
        }
        catch (TargetException failed)
        {
            return [.. checks, Failed(checks.Count == 0 ? "domain controller" : "sign-in", failed)];
        }

        Look("Group Policy Objects", () => MayCreate("Group Policy Objects", directory.Policies, "groupPolicyContainer", "Be a member of Group Policy Creator Owners, or have it delegated in GPMC."));
        var groups = settings.Groups ?? $"CN=Users,{directory.NamingContext}";
        Look($"security groups in {groups}", () => MayCreate($"security groups in {groups}", groups, "group", "Have the creation of groups delegated there, or name another place under targets.activeDirectory.groups."));
        foreach (var place in settings.Link)
        {
            Look($"links to {place}", () => MayLink(place));
        }

        Look("SYSVOL", () => openSysvol().ReadAccess($@"{directory.Domain}\Policies") is null
            ? new(System, "SYSVOL", Verdict.Failed, $@"\\{directory.Server}\SYSVOL\{directory.Domain}\Policies is not there, or not visible")
            : Passed("SYSVOL", "readable"));
        return checks;

        TargetCheck MayCreate(string what, string container, string childClass, string advice) =>
            directory.Find(container, "allowedChildClassesEffective") is not { } entry ? new(System, what, Verdict.Failed, $"there is no '{container}', or you may not see it")
            : Holds(entry, "allowedChildClassesEffective", childClass) ? Passed(what, "may be created")
            : new(System, what, Verdict.Warning, $"may not be created: 'push' would be refused. {advice}");

        TargetCheck MayLink(string place) =>
            directory.Find(place, "allowedAttributesEffective") is not { } entry ? new(System, $"links to {place}", Verdict.Failed, "there is no such place in the domain, or you may not see it")
            : Holds(entry, "allowedAttributesEffective", "gPLink") ? Passed($"links to {place}", "may be written")
            : new(System, $"links to {place}", Verdict.Warning, "may not be written: 'push' would be refused. Have 'Link GPOs' delegated there in GPMC.");

        void Look(string what, Func<TargetCheck> look)
        {
            try
            {
                checks.Add(look());
            }
            catch (TargetException failed)
            {
                checks.Add(Failed(what, failed));
            }
        }
    }

    private static TargetCheck Passed(string what, string finding) => new(System, what, Verdict.Passed, finding);

    private static TargetCheck Failed(string what, TargetException failed) => new(System, what, Verdict.Failed, $"{failed.Diagnostic.Message} {failed.Diagnostic.Problem.Advice}");

    private static bool Holds(SearchResultEntry entry, string attribute, string name) =>
        entry.Attributes[attribute] is { } values && values.GetValues(typeof(string)).OfType<string>().Contains(name, StringComparer.OrdinalIgnoreCase);
}
