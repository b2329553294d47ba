using System.Collections.Immutable;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>A place that policies are linked to: an organisational unit, or the domain.</summary>
/// <param name="Name">Distinguished name.</param>
/// <param name="BlocksInheritance">Whether it keeps off what is linked above it (bit 0 of <c>gPOptions</c>, MS-GPOL 2.2.2).</param>
/// <param name="Links">Its links.</param>
internal sealed record PolicyPlace(string Name, bool BlocksInheritance, ImmutableArray<GroupPolicyLink> Links);

/// <summary>A Group Policy Object as far as it decides to whom it applies.</summary>
/// <param name="Id">Identifier: braces, upper case.</param>
/// <param name="Name">Display name.</param>
/// <param name="ComputerHalfDisabled">Whether its settings for computers are switched off (bit 1 of <c>flags</c>, MS-GPOL 2.2.4).</param>
/// <param name="Access">Its access list; null when it may not be read.</param>
/// <param name="HasWmiFilter">Whether a WMI filter decides on the computer itself.</param>
/// <param name="IsLinkedToSite">Whether a site links it: which site a computer is in is known only where it starts.</param>
internal sealed record PolicyObject(string Id, string Name, bool ComputerHalfDisabled, SecurityDescriptor? Access, bool HasWmiFilter, bool IsLinkedToSite);

/// <summary>Whether a Group Policy Object applies to a computer, and why.</summary>
/// <param name="Applies">Null when it cannot be told from the directory.</param>
/// <param name="Detail">Why, and what to do; the same words for all computers of one reason.</param>
public sealed record GroupPolicyReach(bool? Applies, string Detail)
{
    private const string Everyone = "S-1-1-0";

    /// <summary>Decides as the client does (MS-GPOL 3.2.5.1.4 to 3.2.5.1.6): scope of management, then security filter, then WMI filter. Pure.</summary>
    /// <param name="policy">The object.</param>
    /// <param name="parent">What the computer is in: a place, or a container that no policy can be linked to.</param>
    /// <param name="above">The places above the computer, the nearest first.</param>
    /// <param name="isIn">Whether the computer is whom a security identifier names, or in that group; null when that is not known.</param>
    internal static GroupPolicyReach Decide(PolicyObject policy, string parent, IReadOnlyList<PolicyPlace> above, Func<string, bool?> isIn)
    {
        PolicyPlace? linkedAt = null, switchedOff = null, blocked = null, blocker = null;
        foreach (var place in above)
        {
            foreach (var link in place.Links.Where(l => string.Equals(l.Gpo, policy.Id, StringComparison.OrdinalIgnoreCase)))
            {
                switchedOff = (link.Options & 1) != 0 ? place : switchedOff;
                blocked = (link.Options & 3) == 0 && blocker is not null ? place : blocked;
                linkedAt ??= (link.Options & 1) == 0 && (blocker is null || (link.Options & 2) != 0) ? place : null;
            }

            // What is linked to the place itself, it does not keep off.
            blocker ??= place.BlocksInheritance ? place : null;
        }

        if (linkedAt is null)
        {
            return policy.IsLinkedToSite ? new(null, $"'{policy.Name}' is linked to a site; which site a computer is in, the directory does not tell.")
                : blocked is not null ? new(false, $"'{policy.Name}' is linked to '{blocked.Name}', and '{blocker!.Name}' blocks inheritance: enforce the link, or link it to '{blocker.Name}'.")
                : switchedOff is not null ? new(false, $"The link of '{policy.Name}' to '{switchedOff.Name}' is switched off: switch it on.")
                : above.Count == 0 || !string.Equals(above[0].Name, parent, StringComparison.OrdinalIgnoreCase) ? new(false, $"It is in '{parent}', to which no policy can be linked, and '{policy.Name}' is linked nowhere above: move the computer into a unit that the policy reaches.")
                : new(false, $"'{policy.Name}' is not linked to '{parent}' or above: link it there.");
        }

        if (policy.ComputerHalfDisabled)
        {
            return new(false, $"The computer settings of '{policy.Name}' are switched off: set its status to 'User configuration settings disabled' or 'Enabled'.");
        }

        return Filter(policy, isIn) is { Applies: not true } left ? left
            : policy.HasWmiFilter ? new(null, $"'{policy.Name}' reaches it, and a WMI filter decides on the computer.")
            : new(true, $"'{policy.Name}' applies to it, by the link to '{linkedAt.Name}'.");
    }

    private static GroupPolicyReach Filter(PolicyObject policy, Func<string, bool?> isIn)
    {
        if (policy.Access is not { } access)
        {
            return new(null, $"You may not see to whom '{policy.Name}' applies.");
        }

        bool? Is(string trustee) => trustee is Everyone or GroupPolicyFilter.AuthenticatedUsers ? true : isIn(trustee);
        foreach (var (right, grants, denies, missing) in new[]
        {
            ("read", GroupPolicyFilter.Readers(access), GroupPolicyFilter.DeniedReaders(access), "give Authenticated Users or Domain Computers 'Read' (MS16-072)"),
            ("apply", GroupPolicyFilter.Appliers(access), GroupPolicyFilter.DeniedAppliers(access), "add it to a group that the policy applies to; a computer learns of a new group when it starts"),
        })
        {
            if (denies.Any(trustee => Is(trustee) == true))
            {
                return new(false, $"Its access list forbids the computer to {right} '{policy.Name}'.");
            }

            if (!grants.Any(trustee => Is(trustee) == true))
            {
                return grants.Concat(denies).Any(trustee => Is(trustee) is null)
                    ? new(null, $"Whether the computer may {right} '{policy.Name}' depends on a group of another domain.")
                    : new(false, $"The computer may not {right} '{policy.Name}': {missing}.");
            }
        }

        return new(true, "");
    }
}
