using System.Runtime.InteropServices;

namespace MdbDeploy.Inventory;

/// <summary>Remembers what the texts of a column came to, by their bytes: most columns of a million rows hold a few texts. Beyond some thousands it learns nothing more.</summary>
internal sealed class ByteMemo
{
    private const int Most = 1 << 13;
    private const int Longest = 256;

    private Entry[] entries = new Entry[64];
    private byte[] bytes = new byte[256];
    private int used;
    private int count;
    private Entry last;

    /// <summary>What was remembered for these bytes.</summary>
    public bool TryGet(ReadOnlySpan<byte> text, out long value)
    {
        // Many columns hold one text for rows on end.
        if (last.IsUsed && text.SequenceEqual(bytes.AsSpan(last.Start, last.Length)))
        {
            value = last.Value;
            return true;
        }

        var hash = HashOf(text);
        var mask = (uint)entries.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            ref var entry = ref entries[slot];
            if (!entry.IsUsed)
            {
                value = 0;
                return false;
            }

            if (entry.Hash == hash && text.SequenceEqual(bytes.AsSpan(entry.Start, entry.Length)))
            {
                last = entry;
                value = entry.Value;
                return true;
            }
        }
    }

    /// <summary>Remembers a value for bytes that have none yet.</summary>
    public void Add(ReadOnlySpan<byte> text, long value)
    {
        if (count == Most || text.Length > Longest)
        {
            return;
        }

        if (bytes.Length - used < text.Length)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, used + text.Length));
        }

        if (count * 2 == entries.Length)
        {
            var full = entries;
            entries = new Entry[full.Length * 2];
            foreach (var entry in full)
            {
                Put(entry);
            }
        }

        text.CopyTo(bytes.AsSpan(used));
        Put(new Entry { IsUsed = true, Hash = HashOf(text), Start = used, Length = text.Length, Value = value });
        used += text.Length;
        count++;
    }

    private void Put(in Entry entry)
    {
        if (entry.IsUsed)
        {
            var mask = (uint)entries.Length - 1;
            var slot = entry.Hash & mask;
            while (entries[slot].IsUsed)
            {
                slot = (slot + 1) & mask;
            }

            entries[slot] = entry;
        }
    }

    private static uint HashOf(ReadOnlySpan<byte> text)
    {
        var hash = 0x9E3779B97F4A7C15UL + (ulong)text.Length;
        if (text.Length >= sizeof(ulong))
        {
            // The last eight bytes may overlap those before.
            var end = MemoryMarshal.Read<ulong>(text[^sizeof(ulong)..]);
            for (; text.Length > sizeof(ulong); text = text[sizeof(ulong)..])
            {
                hash = ulong.RotateLeft((hash ^ MemoryMarshal.Read<ulong>(text)) * 0x9FB21C651E98DF25UL, 29);
            }

            hash = (hash ^ end) * 0x9FB21C651E98DF25UL;
        }
        else
        {
            foreach (var b in text)
            {
                hash = ulong.RotateLeft((hash ^ b) * 0x9FB21C651E98DF25UL, 29);
            }
        }

        // The last characters have reached the highest bits only.
        return (uint)(((hash ^ (hash >> 32)) * 0x9FB21C651E98DF25UL) >> 32);
    }

    private struct Entry
    {
        public long Value;
        public uint Hash;
        public int Start;
        public int Length;
        public bool IsUsed;
    }
}
