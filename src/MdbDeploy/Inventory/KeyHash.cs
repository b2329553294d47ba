using System.Runtime.InteropServices;
using System.Text;

namespace MdbDeploy.Inventory;

/// <summary>Hashes of what devices are recognised by. What ignores case is hashed so; zero stands for nothing.</summary>
internal static class KeyHash
{
    private const ulong Factor = 0x9FB21C651E98DF25UL;

    /// <summary>Hash of an id; 0 for an empty one.</summary>
    // Ids that were counted up differ in their lowest bits only.
    public static uint Of(Guid id) => id == Guid.Empty ? 0 : (uint)(((uint)id.GetHashCode() * Factor) >> 32) | 1;

    /// <summary>Hash of a text ignoring case; 0 for an empty one.</summary>
    public static uint Of(ReadOnlySpan<byte> text, uint seed = 0) => text.IsEmpty ? 0 : (uint)LongOf(text, seed) | 1;

    /// <summary>Hash of a key of two parts, given that of one and a number of the other.</summary>
    public static uint With(uint hash, int number) => hash == 0 ? 0 : (uint)(((hash ^ ((ulong)(uint)number << 32)) * Factor) >> 32) | 1;

    /// <summary>Hash of a text ignoring case, in 64 bits.</summary>
    public static ulong LongOf(ReadOnlySpan<byte> text, uint seed = 0)
    {
        if (!Ascii.IsValid(text))
        {
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).ToUpperInvariant());
        }

        // Without the bit of lower case letters and digits keep apart, and so do letters; what else falls together is compared.
        const ulong upper = 0xDFDFDFDFDFDFDFDFUL;
        var hash = (seed + 0x9E3779B97F4A7C15UL + (ulong)text.Length) * Factor;
        if (text.Length >= sizeof(ulong))
        {
            // The last eight bytes may overlap those before.
            var end = MemoryMarshal.Read<ulong>(text[^sizeof(ulong)..]);
            for (; text.Length > sizeof(ulong); text = text[sizeof(ulong)..])
            {
                hash = ulong.RotateLeft((hash ^ (MemoryMarshal.Read<ulong>(text) & upper)) * Factor, 29);
            }

            hash = (hash ^ (end & upper)) * Factor;
        }
        else
        {
            foreach (var b in text)
            {
                hash = ulong.RotateLeft((hash ^ (b & 0xDFUL)) * Factor, 29);
            }
        }

        // The last characters have reached the highest bits only.
        hash = (hash ^ (hash >> 32)) * Factor;
        return hash ^ (hash >> 29);
    }
}
