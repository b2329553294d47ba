using System.IO.Compression;
using System.Text;
using CsCheck;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Tests.Formats;

public class GpmcBackupArchiveTests
{
    private static readonly IReadOnlyDictionary<string, byte[]> Files = GpmcBackup.Write(new GroupPolicyBackup
    {
        DisplayName = "MDB - Contoso",
        GpoGuid = new Guid("0d8b0f3a-0f5f-5d3e-8a65-1c1f7a9b2e01"),
        BackupId = new Guid("7a1c4e90-51cf-5b1c-9b0f-a4f5c7c2d902"),
        Comment = "Ring",
        Files = GpmcBackupTests.Files(("Machine/registry.pol", RegistryPol.Write([RegistryPolicyEntry.Dword("K", "V", 1)])), ("Machine/Scripts/Startup/Zwölf & é.cmd", [1, 2, 3])),
    }).Value!;

    [Fact]
    public void The_archive_gives_the_same_backup_as_its_folder()
    {
        var read = GpmcBackupArchive.Read(GpmcBackupArchive.Write(Files), "x.zip");
        read.Diagnostics.ShouldBeEmpty();
        read.Value!.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (f.Key, Convert.ToHexString(f.Value.Span))).ShouldBe(Files.Select(f => (f.Key, Convert.ToHexString(f.Value))));
        var backup = GpmcBackupReader.Read(read.Value!, "x.zip");
        backup.Diagnostics.ShouldBeEmpty();
        GpmcBackup.Write([.. backup.Value!]).Value!.Select(f => (f.Key, Convert.ToHexString(f.Value))).ShouldBe(Files.Select(f => (f.Key, Convert.ToHexString(f.Value))));
    }

    [Fact]
    public void Another_program_reads_names_beyond_ascii_and_one_fixed_time()
    {
        using var archive = new ZipArchive(new MemoryStream(GpmcBackupArchive.Write(Files)));
        archive.Entries.Select(e => e.FullName).ShouldBe(Files.Keys.Order(StringComparer.Ordinal));
        archive.Entries.Select(e => e.LastWriteTime.DateTime).Distinct().ShouldBe([new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Unspecified)]);
    }

    [Fact]
    public void The_order_of_files_makes_no_difference() => GpmcBackupArchive.Write(Files.Reverse()).ShouldBe(GpmcBackupArchive.Write(Files));

    [Fact]
    public void An_archive_that_windows_packed_is_read()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.CreateEntry("Backups\\");
            foreach (var (path, content) in Files)
            {
                using var entry = archive.CreateEntry("Backups\\" + path.Replace('/', '\\'), CompressionLevel.Optimal).Open();
                entry.Write(content);
            }
        }

        var backup = GpmcBackupReader.Read(GpmcBackupArchive.Read(stream.ToArray(), "x.zip").Value!, "x.zip");
        backup.Diagnostics.ShouldBeEmpty();
        backup.Value!.ShouldHaveSingleItem().DisplayName.ShouldBe("MDB - Contoso");
    }

    [Fact]
    public void An_archive_that_unpacks_without_end_is_refused()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("a").Open();
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 257; i++)
            {
                entry.Write(zeros);
            }
        }

        GpmcBackupArchive.Read(stream.ToArray(), "x.zip").Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("The archive is larger than any backup.");
    }

    [Fact]
    public void An_entry_that_stands_twice_or_is_damaged_is_refused()
    {
        GpmcBackupArchive.Read(GpmcBackupArchive.Write([new("a", [1]), new("a", [2])]), "x").Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("The archive holds 'a' twice.");
        var archive = GpmcBackupArchive.Write([new("a", [1, 2, 3])]);
        archive[Array.IndexOf(archive, (byte)'a') + 1] ^= 0xFF;
        GpmcBackupArchive.Read(archive, "x").Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(Problems.BackupUnreadable.Code);
    }

    [Fact]
    public void No_bytes_crash_the_reader()
    {
        var good = GpmcBackupArchive.Write(Files);
        Gen.Select(Gen.Int[0, good.Length], Gen.Byte.Array[0, 8], Gen.Int[0, 60]).Sample((at, noise, drop) => GpmcBackupArchive.Read([.. good[..at], .. noise, .. good.Skip(at + drop)], "x"));
        GpmcBackupArchive.Read(Encoding.ASCII.GetBytes("PK"), "x").Value.ShouldBeNull();
    }
}
