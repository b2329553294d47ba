using System.Security.Cryptography;
using System.Text;

namespace MdbDeploy;

/// <summary>Name-based GUIDs: the same project and name give the same GUID on every machine, so that rendering twice gives the same bytes.</summary>
public static class StableGuid
{
    // Namespace of this tool's names; any fixed value serves (RFC 9562 §5.5).
    private static readonly Guid ToolNamespace = new("6f1d2c5e-8a57-5c0b-9a43-2f5b7e0d1c94");

    /// <summary>The version 5 UUID (RFC 9562 §5.5, SHA-1) of a name within this tool's namespace.</summary>
    /// <param name="project">Name of the deployment project.</param>
    /// <param name="name">What is named, unique within the project.</param>
    public static Guid Of(string project, string name)
    {
        Span<byte> input = stackalloc byte[16];
        ToolNamespace.TryWriteBytes(input, bigEndian: true, out _);
        byte[] bytes = [.. input, .. Encoding.UTF8.GetBytes($"{project}\n{name}")];
#pragma warning disable CA5350 // RFC 9562 prescribes SHA-1 for version 5; nothing is protected by it.
        var hash = SHA1.HashData(bytes).AsSpan(0, 16);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
