using System.Buffers.Binary;
using System.Text;

namespace MdbDeploy.Tests.CommandScripts;

/// <summary>
/// A Windows program of a kilobyte that stands in for another: it puts its command line, as Windows gave it, into MDB_LINE, runs the .cmd beside it (powershell.exe.cmd beside
/// powershell.exe) and ends with its exit code. Written here to the byte, since no compiler for Windows is needed then; the layout is that of Microsoft's "PE Format".
/// </summary>
internal static class StandIn
{
    private const int FileStart = 0x200;
    private const int Section = 0x1000;
    private const int Thunks = 0x100;
    private const int Descriptors = 0x140;
    private const int Names = 0x180;
    private const int Buffer = 0x1000;

    private static readonly string[] Kernel = ["GetCommandLineW", "SetEnvironmentVariableW", "GetModuleFileNameW", "lstrcatW", "ExitProcess"];

    /// <summary>The program.</summary>
    public static byte[] Program { get; } = Make(doesNothing: false);

    /// <summary>A program that ends at once, with 0.</summary>
    public static byte[] Nothing { get; } = Make(doesNothing: true);

    private static byte[] Make(bool doesNothing)
    {
        var section = new byte[0x400];
        var at = Names;
        int Place(byte[] bytes)
        {
            bytes.CopyTo(section, at);
            var placed = at;
            at += (bytes.Length + 1) & ~1;
            return placed;
        }

        int Import(string name) => Section + Place([0, 0, .. Encoding.ASCII.GetBytes(name), 0]);
        for (var i = 0; i < Kernel.Length; i++)
        {
            Write(section, Thunks + (8 * i), Import(Kernel[i]));
        }

        var system = Thunks + (8 * (Kernel.Length + 1));
        Write(section, system, Import("_wsystem"));
        Write(section, Descriptors + 12, Section + Place("kernel32.dll\0"u8.ToArray()));
        Write(section, Descriptors + 16, Section + Thunks);
        Write(section, Descriptors + 32, Section + Place("msvcrt.dll\0"u8.ToArray()));
        Write(section, Descriptors + 36, Section + system);
        var variable = Place(Encoding.Unicode.GetBytes("MDB_LINE\0"));
        var suffix = Place(Encoding.Unicode.GetBytes(".cmd\0"));

        var code = new List<byte>();
        void Relative(byte[] opcode, int target)
        {
            code.AddRange(opcode);
            var offset = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(offset, target - (code.Count + 4));
            code.AddRange(offset);
        }

        void Call(string name) => Relative([0xFF, 0x15], Thunks + (8 * Array.IndexOf(Kernel, name)));
        void First(int target) => Relative([0x48, 0x8D, 0x0D], target); // lea rcx, [target]
        void Second(int target) => Relative([0x48, 0x8D, 0x15], target); // lea rdx, [target]
        code.AddRange([0x48, 0x83, 0xEC, 0x28]); // sub rsp, 28h: the callee's home space, and the stack aligned
        if (doesNothing)
        {
            code.AddRange([0x31, 0xC9]); // xor ecx, ecx
            Call("ExitProcess");
        }

        Call("GetCommandLineW");
        First(variable);
        code.AddRange([0x48, 0x89, 0xC2]); // mov rdx, rax
        Call("SetEnvironmentVariableW");
        code.AddRange([0x31, 0xC9]); // xor ecx, ecx
        Second(Buffer);
        code.AddRange([0x41, 0xB8, 4, 1, 0, 0]); // mov r8d, MAX_PATH
        Call("GetModuleFileNameW");
        First(Buffer);
        Second(suffix);
        Call("lstrcatW");
        First(Buffer);
        Relative([0xFF, 0x15], system);
        code.AddRange([0x89, 0xC1]); // mov ecx, eax
        Call("ExitProcess");
        code.CopyTo(section);
        return [.. Headers(), .. section];
    }

    private static byte[] Headers()
    {
        const int coff = 0x84;
        const int optional = coff + 20;
        const int sections = optional + 240;
        var header = new byte[FileStart];
        "MZ"u8.CopyTo(header);
        Write(header, 0x3C, 0x80);
        "PE\0\0"u8.CopyTo(header.AsSpan(0x80));
        Write(header, coff, 0x0001_8664); // x64, one section
        Write(header, coff + 16, 0x0022_00F0); // size of the optional header; executable, large addresses
        Write(header, optional, 0x020B); // PE32+
        Write(header, optional + 16, Section); // entry point
        Write(header, optional + 20, Section);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(optional + 24), 0x1_4000_0000);
        Write(header, optional + 32, 0x1000);
        Write(header, optional + 36, 0x200);
        Write(header, optional + 40, 6);
        Write(header, optional + 48, 6);
        Write(header, optional + 56, Section + 0x2000); // size of the image
        Write(header, optional + 60, FileStart);
        Write(header, optional + 68, 3); // console
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(optional + 72), 0x10_0000);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(optional + 80), 0x1000);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(optional + 88), 0x10_0000);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(optional + 96), 0x1000);
        Write(header, optional + 108, 16);
        Write(header, optional + 120, Section + Descriptors);
        Write(header, optional + 124, 60);
        ".all"u8.CopyTo(header.AsSpan(sections));
        Write(header, sections + 8, 0x2000);
        Write(header, sections + 12, Section);
        Write(header, sections + 16, 0x400);
        Write(header, sections + 20, FileStart);
        Write(header, sections + 36, unchecked((int)0xE000_0020)); // code; read, write, execute
        return header;
    }

    private static void Write(byte[] bytes, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
}
