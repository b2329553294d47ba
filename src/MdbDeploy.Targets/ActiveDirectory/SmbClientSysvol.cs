using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MdbDeploy.Diagnostics;
using MdbDeploy.Formats;

namespace MdbDeploy.Targets.ActiveDirectory;

/// <summary>
/// SYSVOL through Samba's <c>smbclient</c> and <c>smbcacls</c>, signed in with the Kerberos ticket: no managed SMB library that signs and takes tickets was to be had, and
/// both programs come in one package of every distribution.
/// </summary>
/// <param name="server">DNS name of the domain controller.</param>
internal sealed partial class SmbClientSysvol(string server) : ISysvol
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private string Share => $"//{server}/sysvol";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? ReadFolder(string folder)
    {
        var copy = Directory.CreateTempSubdirectory("mdb-sysvol-").FullName;
        try
        {
            var answer = Smb($"recurse ON; prompt OFF; lcd {Quoted(copy)}; cd {Quoted(folder)}; mget *");
            if (IsMissing(answer))
            {
                return null;
            }

            Check(answer, $"read '{folder}'", "NT_STATUS_NO_SUCH_FILE");
            return Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(copy, file).Replace('\\', '/'), file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file), StringComparer.OrdinalIgnoreCase);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <inheritdoc/>
    public SecurityDescriptor? ReadAccess(string folder)
    {
        var answer = Run("smbcacls", [Share, folder, "--use-kerberos=required", "--numeric"]);
        if (IsMissing(answer))
        {
            return null;
        }

        Check(answer, $"read the access list of '{folder}'");
        var control = ControlLine.Match(answer.Text) is { Success: true } bits ? Convert.ToUInt16(bits.Groups[1].Value, 16) : (ushort)0;
        return new SecurityDescriptor
        {
            Control = control,
            Owner = OwnerLine.Match(answer.Text) is { Success: true } owner ? owner.Groups[1].Value : null,
            Group = GroupLine.Match(answer.Text) is { Success: true } group ? group.Groups[1].Value : null,
            Dacl = [.. EntryLine.Matches(answer.Text).Select(m => new AccessEntry
            {
                Trustee = m.Groups[1].Value,
                Type = byte.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture),
                Flags = Number(m.Groups[3].Value) is var flags ? (byte)flags : (byte)0,
                Mask = Number(m.Groups[4].Value),
            })],
        };
    }

    /// <inheritdoc/>
    public void MakeFolder(string folder)
    {
        var parts = folder.Split('\\');
        Check(Smb(string.Join("; ", parts.Select((_, i) => $"mkdir {Quoted(string.Join('\\', parts[..(i + 1)]))}"))), $"make '{folder}'", "NT_STATUS_OBJECT_NAME_COLLISION");
    }

    /// <inheritdoc/>
    public void SetAccess(string folder, SecurityDescriptor access) =>
        Check(Run("smbcacls", [Share, folder, "--use-kerberos=required", "--sddl", "-S", access.ToSddl()]), $"set the access list of '{folder}'");

    /// <inheritdoc/>
    public void Write(string folder, IEnumerable<KeyValuePair<string, byte[]>> write, IEnumerable<string> remove)
    {
        var copy = Directory.CreateTempSubdirectory("mdb-sysvol-").FullName;
        try
        {
            var commands = new StringBuilder();
            var made = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var ((path, content), index) in write.Select((file, index) => (file, index)))
            {
                var local = Path.Combine(copy, index.ToString(CultureInfo.InvariantCulture));
                File.WriteAllBytes(local, content);
                var parts = path.Split('/');
                for (var i = 1; i < parts.Length; i++)
                {
                    if (made.Add(string.Join('\\', parts[..i])))
                    {
                        commands.Append(CultureInfo.InvariantCulture, $"mkdir {Quoted($"{folder}\\{string.Join('\\', parts[..i])}")}; ");
                    }
                }

                commands.Append(CultureInfo.InvariantCulture, $"put {Quoted(local)} {Quoted($"{folder}\\{string.Join('\\', parts)}")}; ");
            }

            foreach (var path in remove)
            {
                commands.Append(CultureInfo.InvariantCulture, $"rm {Quoted($"{folder}\\{path.Replace('/', '\\')}")}; ");
            }

            if (commands.Length > 0)
            {
                Check(Smb(commands.ToString()), $"write to '{folder}'", "NT_STATUS_OBJECT_NAME_COLLISION");
            }
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void RemoveFolder(string folder) => Check(Smb($"deltree {Quoted(folder)}"), $"remove '{folder}'", "NT_STATUS_OBJECT_NAME_NOT_FOUND", "NT_STATUS_NO_SUCH_FILE", "NT_STATUS_OBJECT_PATH_NOT_FOUND");

    private Answer Smb(string commands) => Run("smbclient", [Share, "--use-kerberos=required", "-c", commands]);

    // Names of files also come from the live policy, where others write: a quote would end the argument, and a semicolon may end the command, after which anything could follow.
    private static string Quoted(string path) =>
        path.Any(c => c is '"' or ';' || char.IsControl(c))
            ? throw new TargetException(Problems.SysvolFailed.At(Location.None, $"'{path}' is no path that can be written."))
            : $"\"{path}\"";

    private static bool IsMissing(Answer answer) => answer.Text.Contains("NT_STATUS_OBJECT_NAME_NOT_FOUND", StringComparison.Ordinal) || answer.Text.Contains("NT_STATUS_OBJECT_PATH_NOT_FOUND", StringComparison.Ordinal);

    private void Check(Answer answer, string what, params string[] harmless)
    {
        var states = Status.Matches(answer.Text).Select(m => m.Value).Distinct(StringComparer.Ordinal).Except(harmless, StringComparer.Ordinal).ToList();
        if (states.Count > 0 || (answer.ExitCode != 0 && !harmless.Any(state => answer.Text.Contains(state, StringComparison.Ordinal))))
        {
            var why = states.Count > 0 ? string.Join(", ", states) : answer.Text.Trim().Split('\n')[^1];
            throw new TargetException((states.Contains("NT_STATUS_ACCESS_DENIED", StringComparer.Ordinal) ? Problems.DirectoryRightsMissing : Problems.SysvolFailed).At(Location.Of(server), $"{Share} refused to {what}: {why}."));
        }
    }

    private static uint Number(string text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? Convert.ToUInt32(text, 16) : uint.Parse(text, CultureInfo.InvariantCulture);

    private static Answer Run(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                throw new TargetException(Problems.SysvolFailed.At(Location.Of(program), $"'{program}' did not end within {Patience.TotalSeconds:0} s."));
            }

            return new(process.ExitCode, output.GetAwaiter().GetResult() + error.GetAwaiter().GetResult());
        }
        catch (Win32Exception missing)
        {
            throw new TargetException(Problems.SysvolFailed.At(Location.Of(program), $"'{program}' cannot be started: {missing.Message}."), missing);
        }
    }

    private sealed record Answer(int ExitCode, string Text);

    [GeneratedRegex("NT_STATUS_[A-Z0-9_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Status { get; }

    [GeneratedRegex("^CONTROL:0x([0-9a-fA-F]+)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex ControlLine { get; }

    [GeneratedRegex(@"^OWNER:(S-[0-9-]+)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex OwnerLine { get; }

    [GeneratedRegex(@"^GROUP:(S-[0-9-]+)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex GroupLine { get; }

    [GeneratedRegex(@"^ACL:(S-[0-9-]+):([0-9]+)/(0x[0-9a-fA-F]+|[0-9]+)/(0x[0-9a-fA-F]+|[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex EntryLine { get; }
}
