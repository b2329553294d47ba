using CsCheck;
using MdbDeploy.Formats;
using MdbDeploy.Targets.ActiveDirectory;

namespace MdbDeploy.Tests.Formats;

public class SecurityDescriptorTests
{
    private const string Admins = "S-1-5-21-1-2-3-512";
    private const string Everybody = "S-1-5-11";

    private static readonly Gen<string> AnySid =
        Gen.Select(Gen.Int[0, 15], Gen.UInt.Array[0, 8], (authority, parts) => $"S-1-{authority}{string.Concat(parts.Select(p => $"-{p}"))}");

    private static readonly Gen<AccessEntry> AnyEntry =
        from type in Gen.Int[0, 3]
        from flags in Gen.Byte
        from mask in Gen.UInt
        from sid in AnySid
        from guid in Gen.Guid
        select new AccessEntry { Type = (byte)(type < 2 ? type : type + 3), Flags = flags, Mask = mask, Trustee = sid, ObjectTypes = type < 2 ? [] : [1, 0, 0, 0, .. guid.ToByteArray()] };

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Gen.UShort, AnySid, AnySid, AnyEntry.Array[0, 12]).Sample((control, owner, group, entries) =>
        {
            var descriptor = new SecurityDescriptor { Control = control, Owner = owner, Group = group, Dacl = [.. entries] };
            var read = SecurityDescriptor.Read(descriptor.Write()).ShouldNotBeNull();
            (read.Owner, read.Group).ShouldBe((owner, group));
            read.Dacl.ShouldBe(entries);
            (read.Control & SecurityDescriptor.DaclProtected).ShouldBe(control & SecurityDescriptor.DaclProtected);
        });

    [Fact]
    public void No_bytes_break_the_reader() =>
        Gen.Select(AnyEntry.Array[0, 4], Gen.Int[0, 400], Gen.Byte).Sample((entries, at, value) =>
        {
            var bytes = new SecurityDescriptor { Control = 0, Owner = Admins, Dacl = [.. entries] }.Write();
            bytes[at % bytes.Length] = value;
            SecurityDescriptor.Read(bytes);
            SecurityDescriptor.Read(bytes.AsSpan(0, at % bytes.Length));
        });

    [Fact]
    public void Rights_of_the_container_become_those_of_the_folder()
    {
        var container = new SecurityDescriptor
        {
            Control = SecurityDescriptor.DaclProtected,
            Owner = Admins,
            Group = Admins,
            Dacl =
            [
                new() { Type = 0, Flags = AccessEntry.ContainerInherit, Mask = 0x000F00FF, Trustee = Admins },
                new() { Type = 0, Flags = 0, Mask = 0x000F00FF, Trustee = Admins },
                new() { Type = 0, Flags = AccessEntry.ContainerInherit | AccessEntry.InheritOnly, Mask = 0x000F00FF, Trustee = "S-1-3-0" },
                new() { Type = 0, Flags = AccessEntry.ContainerInherit, Mask = 0x00020094, Trustee = Everybody },
            ],
        };
        var tidy = GroupPolicyAccess.Tidy(container);
        tidy.Dacl.Select(e => e.Trustee).ShouldBe([Everybody, Admins]);
        GroupPolicyAccess.OfFolder(tidy, withObjects: false).ToSddl().ShouldBe($"O:{Admins}G:{Admins}D:P(A;OICI;0x001200a9;;;{Everybody})(A;OICI;0x001f01ff;;;{Admins})");
    }

    [Theory]
    [InlineData("S-1-5-21-1-2-3-512", "010500000000000515000000010000000200000003000000" + "00020000")]
    [InlineData("S-1-3-0", "010100000000000300000000")]
    public void An_identifier_has_its_documented_bytes(string sid, string bytes)
    {
        Convert.ToHexStringLower(SecurityIdentifier.ToBytes(sid)).ShouldBe(bytes);
        SecurityIdentifier.Read(Convert.FromHexString(bytes)).ShouldBe(sid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S-2-5")]
    [InlineData("S-1")]
    [InlineData("S-1-99999999999999999")]
    public void What_is_no_identifier_is_refused(string text) => Should.Throw<FormatException>(() => SecurityIdentifier.ToBytes(text));
}
