using System.Collections.Immutable;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// To whom a Group Policy Object applies: the trustees whom its access list gives the extended right <c>Apply-Group-Policy</c> (MS-GPOL 3.2.5.1.6, MS-ADTS 5.1.3.2.1).
/// </summary>
internal static class GroupPolicyFilter
{
    /// <summary>The group of everybody who signed in, computers as well: to whom a new Group Policy Object applies.</summary>
    public const string AuthenticatedUsers = "S-1-5-11";

    private const byte AllowObject = 5;
    private const byte DenyObject = 6;

    // Read property, list contents, list object and read control: what the console calls Read (MS-ADTS 5.1.3.2).
    private const uint Read = 0x00020094;
    private const uint ControlAccess = 0x00000100;
    private const uint ReadProperty = 0x00000010;
    private const uint GenericAll = 0x10000000;

    // Flag 1, the object type is present, and the right's identifier (MS-DTYP 2.4.4.3).
    private static readonly ImmutableArray<byte> ApplyGroupPolicy = [1, 0, 0, 0, .. new Guid("edacfd8f-ffb3-11d1-b41d-00a0c968f939").ToByteArray()];

    /// <summary>Security identifiers of those to whom the policy applies, in order.</summary>
    public static ImmutableArray<string> AppliesTo(SecurityDescriptor container) => [.. container.Dacl.Where(IsApply).Select(entry => entry.Trustee).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Who may apply the policy, also by the right to everything.</summary>
    public static IEnumerable<string> Appliers(SecurityDescriptor container) => AppliesTo(container)
        .Concat(container.Dacl.Where(entry => entry.Type == 0 && (entry.Flags & AccessEntry.InheritOnly) == 0 && (entry.Mask & (ControlAccess | GenericAll)) != 0).Select(entry => entry.Trustee));

    /// <summary>Whom the access list forbids to apply the policy.</summary>
    public static IEnumerable<string> DeniedAppliers(SecurityDescriptor container) =>
        container.Dacl.Where(entry => (entry.Flags & AccessEntry.InheritOnly) == 0 && (entry.Mask & ControlAccess) != 0 && (entry.Type == 1 || (entry.Type == DenyObject && IsOfApply(entry)))).Select(entry => entry.Trustee);

    /// <summary>Who may read the policy's properties.</summary>
    public static IEnumerable<string> Readers(SecurityDescriptor container) => Of(container, 0);

    /// <summary>Whom the access list forbids to read the policy's properties.</summary>
    public static IEnumerable<string> DeniedReaders(SecurityDescriptor container) => Of(container, 1);

    /// <summary>
    /// The access list by which the policy applies to these and nobody else. Everybody who could read the policy still can: a computer that may not read it cannot find out
    /// that it does not apply (MS16-072). What denies the right stays.
    /// </summary>
    /// <param name="container">Access list of the container as it is.</param>
    /// <param name="trustees">Security identifiers.</param>
    public static SecurityDescriptor With(SecurityDescriptor container, IReadOnlyCollection<string> trustees)
    {
        if (AppliesTo(container).ToHashSet(StringComparer.Ordinal).SetEquals(trustees))
        {
            return container;
        }

        var kept = container.Dacl.Where(entry => !IsApply(entry) || trustees.Contains(entry.Trustee)).ToList();
        foreach (var trustee in trustees.Append(AuthenticatedUsers).Distinct(StringComparer.Ordinal))
        {
            if (!kept.Exists(entry => entry.Type == 0 && entry.Trustee == trustee && (entry.Mask & Read) == Read))
            {
                kept.Add(new AccessEntry { Type = 0, Flags = AccessEntry.ContainerInherit, Mask = Read, Trustee = trustee });
            }

            if (trustees.Contains(trustee) && !kept.Exists(entry => IsApply(entry) && entry.Trustee == trustee))
            {
                kept.Add(new AccessEntry { Type = AllowObject, Flags = AccessEntry.ContainerInherit, Mask = ControlAccess, Trustee = trustee, ObjectTypes = ApplyGroupPolicy });
            }
        }

        return GroupPolicyAccess.Sorted(container with { Dacl = [.. kept] });
    }

    private static bool IsApply(AccessEntry entry) => entry.Type == AllowObject && (entry.Mask & ControlAccess) != 0 && IsOfApply(entry);

    private static bool IsOfApply(AccessEntry entry) => entry.ObjectTypes.AsSpan().StartsWith(ApplyGroupPolicy.AsSpan());

    private static IEnumerable<string> Of(SecurityDescriptor container, byte type) =>
        container.Dacl.Where(entry => entry.Type == type && (entry.Flags & AccessEntry.InheritOnly) == 0 && (entry.Mask & (ReadProperty | GenericAll)) != 0).Select(entry => entry.Trustee);
}
