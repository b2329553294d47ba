using System.Collections.Immutable;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// What the access list of a Group Policy Object's container means for its folder in SYSVOL. When the two differ, the Group Policy console calls the permissions
/// inconsistent and offers to overwrite them.
/// </summary>
internal static class GroupPolicyAccess
{
    private const string CreatorOwner = "S-1-3-0";
    private const string PreWindows2000 = "S-1-5-32-554";

    // Rights of the directory (MS-ADTS 5.1.3.2) and of files (MS-SMB2 2.2.13.1).
    private const uint CreateChild = 0x1, DeleteChild = 0x2, ListContents = 0x4, ReadProperty = 0x10, WriteProperty = 0x20;
    private const uint Standard = 0x001F0000, ReadFiles = 0x001000A9, WriteFiles = 0x00100116, AddFiles = 0x00000006, DeleteFiles = 0x00000040;

    /// <summary>
    /// The access list that a new container shall have: as the directory made it, without the entry for later owners and without entries that would come twice on files,
    /// in the order in which SMB tools put the entries of files.
    /// </summary>
    public static SecurityDescriptor Tidy(SecurityDescriptor made)
    {
        var kept = new List<AccessEntry>();
        foreach (var entry in made.Dacl.Where(e => e.Trustee != CreatorOwner).OrderByDescending(e => (e.Flags & AccessEntry.ContainerInherit) != 0))
        {
            if (entry.IsObject ? !kept.Contains(entry) : !kept.Exists(k => !k.IsObject && k.Type == entry.Type && k.Trustee == entry.Trustee && k.Mask == entry.Mask))
            {
                kept.Add(entry);
            }
        }

        return Sorted(made with { Dacl = [.. kept] });
    }

    /// <summary>The access list in the order in which SMB tools put it, which is canonical: denials first.</summary>
    public static SecurityDescriptor Sorted(SecurityDescriptor list) => list with { Dacl = [.. list.Dacl.Order(Comparer<AccessEntry>.Create(Compare))] };

    /// <summary>The descriptor of the folder.</summary>
    /// <param name="container">Owner, group and access list of the container.</param>
    /// <param name="withObjects">
    /// Whether entries for objects, such as the right to apply the policy, come along without rights: Samba's own tools do so and its check expects it.
    /// </param>
    public static SecurityDescriptor OfFolder(SecurityDescriptor container, bool withObjects)
    {
        var entries = ImmutableArray.CreateBuilder<AccessEntry>();
        foreach (var entry in container.Dacl.Where(e => (withObjects || !e.IsObject) && e.Trustee != PreWindows2000))
        {
            var flags = (byte)((entry.Flags & ~AccessEntry.Inherited) | AccessEntry.ObjectInherit | AccessEntry.ContainerInherit | (entry.Trustee == CreatorOwner ? AccessEntry.InheritOnly : 0));
            entries.Add(entry with { Flags = flags, Mask = OfFiles(entry.Mask) });
        }

        return container with { Dacl = entries.ToImmutable() };
    }

    /// <summary>Whether two descriptors grant the same, whatever the order.</summary>
    public static bool Same(SecurityDescriptor first, SecurityDescriptor second) =>
        first.Owner == second.Owner && first.Dacl.Where(e => !e.IsObject).ToHashSet().SetEquals(second.Dacl.Where(e => !e.IsObject));

    private static uint OfFiles(uint rights)
    {
        var files = rights & Standard;
        files |= (rights & (ReadProperty | ListContents)) == (ReadProperty | ListContents) ? ReadFiles : 0;
        files |= (rights & WriteProperty) != 0 ? WriteFiles : 0;
        files |= (rights & CreateChild) != 0 ? AddFiles : 0;
        files |= (rights & DeleteChild) != 0 ? DeleteFiles : 0;
        return files;
    }

    // Denials first, then entries for objects; then by the identifier from its end, as smbcacls sorts (Samba, source3/lib/util_sd.c).
    private static int Compare(AccessEntry a, AccessEntry b)
    {
        var byKind = (a.Type is 0 or 5, !a.IsObject).CompareTo((b.Type is 0 or 5, !b.IsObject));
        return byKind != 0 ? byKind : CompareSids(a.Trustee, b.Trustee) is var bySid && bySid != 0 ? bySid
            : a.Flags != b.Flags ? a.Flags.CompareTo(b.Flags) : a.Mask.CompareTo(b.Mask);
    }

    private static int CompareSids(string a, string b)
    {
        var (x, y) = (SecurityIdentifier.ToBytes(a), SecurityIdentifier.ToBytes(b));
        if (x[1] != y[1])
        {
            return x[1].CompareTo(y[1]);
        }

        for (var i = x.Length - 4; i >= 8; i -= 4)
        {
            var byPart = BitConverter.ToUInt32(x, i).CompareTo(BitConverter.ToUInt32(y, i));
            if (byPart != 0)
            {
                return byPart;
            }
        }

        return x.AsSpan(2, 6).SequenceCompareTo(y.AsSpan(2, 6));
    }
}
