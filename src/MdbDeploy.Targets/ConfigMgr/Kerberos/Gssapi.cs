using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace MdbDeploy.Targets.ConfigMgr.Kerberos;

/// <summary>Why the Kerberos library makes no token.</summary>
/// <param name="Major">GSS-API status (RFC 2744 section 3.9.1), the routine error alone.</param>
/// <param name="Minor">Status of the mechanism; for MIT krb5 an error code of its library.</param>
/// <param name="Words">What the library says of both.</param>
internal sealed record GssFailure(uint Major, int Minor, string Words);

/// <summary>
/// Asks MIT krb5 (libgssapi_krb5.so.2, the library that .NET signs in with on Linux) for a token as HttpClient would, and tells why there is none. .NET keeps only a status that
/// is the same for no ticket, an expired one and an unknown service. RFC 2744 is the interface.
/// </summary>
internal static class Gssapi
{
    private const string Library = "libgssapi_krb5.so.2";
    private const uint Errors = 0xFFFF0000;
    private const uint Indefinite = 0xFFFFFFFF;
    private const int Initiate = 1;
    private const uint MutualAndReplay = 2 | 4 | 8;

    // Object identifiers in DER: 1.2.840.113554.1.2.2 (krb5), ...1.2.1.4 (service@host), ...1.2.1.1 (user name).
    private static readonly byte[] Krb5 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
    private static readonly byte[] HostBasedService = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x01, 0x04];
    private static readonly byte[] UserName = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x01, 0x01];

    /// <summary>Makes a token for <c>HTTP/HOST</c> and throws it away.</summary>
    /// <param name="host">Name of the server, as HttpClient names it.</param>
    /// <param name="user">User and password; null for the ticket or the keytab of this account.</param>
    /// <returns>Why there is no token; null when there is one.</returns>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public static GssFailure? TryInitiate(string host, NetworkCredential? user)
    {
        using var memory = new Memory();
        var (name, credential, context) = (IntPtr.Zero, IntPtr.Zero, IntPtr.Zero);
        try
        {
            return Acquire(memory, user, ref credential)
                ?? Failure(gss_import_name(out var minor, memory.Buffer($"HTTP@{host}"), memory.Oid(HostBasedService), out name), minor, memory)
                ?? Token(memory, credential, ref context, name);
        }
        finally
        {
            _ = gss_delete_sec_context(out _, ref context, IntPtr.Zero);
            _ = gss_release_name(out _, ref name);
            _ = gss_release_cred(out _, ref credential);
        }
    }

    private static GssFailure? Acquire(Memory memory, NetworkCredential? user, ref IntPtr credential)
    {
        if (user is null)
        {
            return Failure(gss_acquire_cred(out var none, IntPtr.Zero, Indefinite, memory.Set(Krb5), Initiate, out credential, IntPtr.Zero, out _), none, memory);
        }

        var text = user.Domain.Length > 0 ? $"{user.UserName}@{user.Domain}" : user.UserName;
        var failure = Failure(gss_import_name(out var minor, memory.Buffer(text), memory.Oid(UserName), out var name), minor, memory);
        failure ??= Failure(gss_acquire_cred_with_password(out minor, name, memory.Buffer(user.Password), Indefinite, memory.Set(Krb5), Initiate, out credential, IntPtr.Zero, out _), minor, memory);
        _ = gss_release_name(out _, ref name);
        return failure;
    }

    private static GssFailure? Token(Memory memory, IntPtr credential, ref IntPtr context, IntPtr name)
    {
        var output = memory.Buffer("");
        var major = gss_init_sec_context(out var minor, credential, ref context, name, memory.Oid(Krb5), MutualAndReplay, 0, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, output, out _, out _);
        _ = gss_release_buffer(out _, output);
        return Failure(major, minor, memory);
    }

    private static GssFailure? Failure(uint major, uint minor, Memory memory)
    {
        if ((major & Errors) == 0)
        {
            return null;
        }

        // The mechanism's words say more; the general ones stand in when it has none.
        var words = minor != 0 ? Words(minor, 2, memory) : "";
        return new GssFailure(major & Errors, (int)minor, words.Length > 0 ? words : Words(major, 1, memory));
    }

    private static string Words(uint status, int type, Memory memory)
    {
        var buffer = memory.Buffer("");
        var text = (gss_display_status(out _, status, type, memory.Oid(Krb5), out _, buffer) & Errors) == 0
            ? Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(buffer, IntPtr.Size), (int)Marshal.ReadIntPtr(buffer)) ?? ""
            : "";
        _ = gss_release_buffer(out _, buffer);
        return text.Trim().TrimEnd('.');
    }

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_import_name(out uint minor, IntPtr buffer, IntPtr type, out IntPtr name);

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_acquire_cred(out uint minor, IntPtr name, uint seconds, IntPtr mechanisms, int usage, out IntPtr credential, IntPtr actualMechanisms, out uint actualSeconds);

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_acquire_cred_with_password(
        out uint minor, IntPtr name, IntPtr password, uint seconds, IntPtr mechanisms, int usage, out IntPtr credential, IntPtr actualMechanisms, out uint actualSeconds);

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_init_sec_context(
        out uint minor, IntPtr credential, ref IntPtr context, IntPtr target, IntPtr mechanism, uint flags, uint seconds, IntPtr bindings, IntPtr input, IntPtr actualMechanism, IntPtr output,
        out uint actualFlags, out uint actualSeconds);

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_display_status(out uint minor, uint status, int type, IntPtr mechanism, out uint context, IntPtr text);

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_release_buffer(out uint minor, IntPtr buffer);

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_release_name(out uint minor, ref IntPtr name);

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_release_cred(out uint minor, ref IntPtr credential);

    [DllImport(Library), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint gss_delete_sec_context(out uint minor, ref IntPtr context, IntPtr output);

    /// <summary>Blocks that the library reads. All are wiped and freed at the end: one may hold a password.</summary>
    private sealed class Memory : IDisposable
    {
        private readonly List<(IntPtr Block, int Length)> blocks = [];

        /// <summary>gss_buffer_desc: length, pointer.</summary>
        public IntPtr Buffer(string text) => Described(Encoding.UTF8.GetBytes(text));

        /// <summary>gss_OID_desc: length, pointer.</summary>
        public IntPtr Oid(byte[] value) => Described(value);

        /// <summary>gss_OID_set_desc: count, pointer to the first.</summary>
        public IntPtr Set(byte[] only) => Pair(1, Oid(only));

        public void Dispose()
        {
            foreach (var (block, length) in blocks)
            {
                Marshal.Copy(new byte[length], 0, block, length);
                Marshal.FreeHGlobal(block);
            }
        }

        private IntPtr Described(byte[] value)
        {
            if (value.Length == 0)
            {
                return Pair(0, IntPtr.Zero);
            }

            var data = Allocate(value.Length);
            Marshal.Copy(value, 0, data, value.Length);
            return Pair(value.Length, data);
        }

        private IntPtr Pair(int count, IntPtr pointer)
        {
            var pair = Allocate(2 * IntPtr.Size);
            Marshal.WriteIntPtr(pair, count);
            Marshal.WriteIntPtr(pair, IntPtr.Size, pointer);
            return pair;
        }

        private IntPtr Allocate(int length)
        {
            var block = Marshal.AllocHGlobal(length);
            blocks.Add((block, length));
            return block;
        }
    }
}
