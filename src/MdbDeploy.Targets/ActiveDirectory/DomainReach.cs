using System.Collections.Immutable;
using System.DirectoryServices.Protocols;
using System.Globalization;
using MdbDeploy.Bundles;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>A computer whose policy is looked for.</summary>
/// <param name="Key">What the answer is found by.</param>
/// <param name="Name">Name of the computer.</param>
/// <param name="Domain">DNS or NetBIOS name of its domain; null when it is not known.</param>
/// <param name="Ring">Its ring.</param>
public sealed record PlannedComputer(string Key, string Name, string? Domain, string Ring);

/// <summary>Reads what decides whether policies apply: accounts, places with their links, the objects, and the members of the groups that they apply to.</summary>
/// <param name="directory">The directory.</param>
internal sealed class DomainReach(DomainDirectory directory)
{
    // Members of groups in groups: LDAP_MATCHING_RULE_TRANSITIVE_EVAL (MS-ADTS 3.1.1.3.4.4.3).
    private const string Transitive = "1.2.840.113556.1.4.1941";

    private static readonly string[] PolicyAttributes = ["cn", "displayName", "flags", "gPCWQLFilter", "nTSecurityDescriptor"];

    private readonly Dictionary<string, HashSet<string>?> members = new(StringComparer.Ordinal);

    /// <summary>Reads and decides, see <see cref="ActiveDirectoryTarget.ReachAsync"/>.</summary>
    public IReadOnlyDictionary<string, GroupPolicyReach> Read(IReadOnlyList<Resource> policies, IReadOnlyList<PlannedComputer> computers, CancellationToken cancellationToken)
    {
        var here = computers.Select(c => (Planned: c, Named: new NamedComputer(c.Name, c.Domain))).Where(c => ComputerAccount.IsHere(directory, c.Named)).ToList();
        if (here.Count == 0)
        {
            return ImmutableDictionary<string, GroupPolicyReach>.Empty;
        }

        var live = Policies(policies);
        var places = Places();
        var above = new Dictionary<string, IReadOnlyList<PolicyPlace>>(StringComparer.OrdinalIgnoreCase);
        var accountOf = ComputerAccount.Find(directory, here.Select(c => c.Named), cancellationToken);
        var reach = new Dictionary<string, GroupPolicyReach>(StringComparer.Ordinal);
        foreach (var (planned, named) in here)
        {
            cancellationToken.ThrowIfCancellationRequested();
            reach[planned.Key] = accountOf(named) switch
            {
                null => new(false, $"It is no computer of the domain '{directory.Domain}', or you may not see it: join it, or choose another method."),
                { IsDisabled: true } => new(false, $"Its account in the domain '{directory.Domain}' is disabled."),
                var account when live.GetValueOrDefault(planned.Ring) is { } policy => GroupPolicyReach.Decide(policy, ParentOf(account.DistinguishedName), Above(account.DistinguishedName), trustee => IsIn(account, trustee)),
                _ => new(false, $"The Group Policy Object of ring '{planned.Ring}' is not in the domain '{directory.Domain}': push or import it."),
            };
        }

        return reach;

        IReadOnlyList<PolicyPlace> Above(string name)
        {
            var parent = ParentOf(name);
            if (!above.TryGetValue(parent, out var list))
            {
                above[parent] = list = [.. PathFrom(parent).Select(place => places.GetValueOrDefault(place)).OfType<PolicyPlace>()];
            }

            return list;
        }
    }

    /// <summary>The name of the entry above: all after the first comma that no backslash precedes (RFC 4514 §2.4).</summary>
    internal static string ParentOf(string name)
    {
        for (var at = 0; at < name.Length; at++)
        {
            if (name[at] == '\\')
            {
                at++;
            }
            else if (name[at] == ',')
            {
                return name[(at + 1)..];
            }
        }

        return "";
    }

    private IEnumerable<string> PathFrom(string place)
    {
        for (var at = place; at.Length >= directory.NamingContext.Length; at = ParentOf(at))
        {
            yield return at;
        }
    }

    private Dictionary<string, PolicyObject> Policies(IReadOnlyList<Resource> wanted)
    {
        var entries = directory.Search(directory.Policies, SearchScope.OneLevel, "(objectClass=groupPolicyContainer)", withDescriptor: true, PolicyAttributes) ?? [];
        var found = new Dictionary<string, PolicyObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var policy in wanted)
        {
            // By identifier as push makes them, else by name as an import does.
            var entry = entries.Find(e => Same(DomainDirectory.Text(e, "cn"), policy.Body["guid"]?.ToString())) ?? entries.Find(e => Same(DomainDirectory.Text(e, "displayName"), policy.Body["displayName"]?.ToString()));
            if (entry is not null && policy.Ring is { } ring)
            {
                var id = DomainDirectory.Text(entry, "cn")!.ToUpperInvariant();
                found[ring] = new PolicyObject(
                    id,
                    DomainDirectory.Text(entry, "displayName") ?? id,
                    int.TryParse(DomainDirectory.Text(entry, "flags"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var flags) && (flags & 2) != 0,
                    DomainDirectory.Bytes(entry, "nTSecurityDescriptor") is { } access ? SecurityDescriptor.Read(access) : null,
                    DomainDirectory.Text(entry, "gPCWQLFilter") is { Length: > 0 },
                    directory.LinkRoots.Skip(1).Any(root => directory.Search(root, SearchScope.Subtree, $"(gPLink=*{DirectoryText.InFilter(id)}*)", withDescriptor: false, "cn") is { Count: > 0 }));
            }
        }

        return found;
    }

    private Dictionary<string, PolicyPlace> Places() =>
        (directory.Search(directory.NamingContext, SearchScope.Subtree, "(|(objectClass=organizationalUnit)(objectClass=domainDNS))", withDescriptor: false, "gPLink", "gPOptions") ?? [])
            .ToDictionary(
                e => e.DistinguishedName,
                e => new PolicyPlace(e.DistinguishedName, DomainDirectory.Text(e, "gPOptions") == "1", GroupPolicyLink.Parse(DomainDirectory.Text(e, "gPLink"))),
                StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an account is whom a security identifier names, or in that group; null when the group is not of this domain.</summary>
    private bool? IsIn(ComputerAccount account, string trustee)
    {
        if (trustee == account.Sid || (account.Sid is { } sid && trustee == $"{sid[..sid.LastIndexOf('-')]}-{account.PrimaryGroup.ToString(CultureInfo.InvariantCulture)}"))
        {
            return true;
        }

        if (!members.TryGetValue(trustee, out var names))
        {
            members[trustee] = names = MembersOf(trustee);
        }

        return names?.Contains(account.DistinguishedName);
    }

    private HashSet<string>? MembersOf(string trustee) =>
        directory.Find($"<SID={trustee}>", "cn")?.DistinguishedName is not { } group ? null
        : (directory.Search(directory.NamingContext, SearchScope.Subtree, $"(&(objectCategory=computer)(memberOf:{Transitive}:={DirectoryText.InFilter(group)}))", withDescriptor: false, "cn") ?? [])
            .Select(e => e.DistinguishedName).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static bool Same(string? one, string? other) => one is not null && string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
