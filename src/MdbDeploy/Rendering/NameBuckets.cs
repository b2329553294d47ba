using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MdbDeploy.Rendering;

/// <summary>
/// Divides names among a few queries so that a new name changes one of them. Counting them off would move every name behind a new one into the next query; here the hash of the
/// name says where it belongs, and only a bucket that overflows is divided in two, by one more bit (extendible hashing).
/// </summary>
internal static class NameBuckets
{
    private const int Deepest = 32;

    /// <summary>Divides.</summary>
    /// <param name="items">The items.</param>
    /// <param name="nameOf">Name of an item; case does not matter.</param>
    /// <param name="mostItems">Most items of a bucket.</param>
    /// <param name="mostText">Most characters of all names of a bucket, three more per name counted for quotes and comma.</param>
    /// <returns>The buckets with the bits of the hash that they share (empty when there is one bucket), in order; the items of each by name, ordinal.</returns>
    public static IEnumerable<(string Bits, IReadOnlyList<T> Items)> Divide<T>(IEnumerable<T> items, Func<T, string> nameOf, int mostItems, int mostText)
    {
        var hashed = items.Select(i => (Item: i, Name: nameOf(i), Hash: HashOf(nameOf(i)))).OrderBy(i => i.Name, StringComparer.Ordinal).ToList();
        return hashed.Count == 0 ? [] : Divide(hashed, "");

        IEnumerable<(string, IReadOnlyList<T>)> Divide(List<(T Item, string Name, uint Hash)> part, string bits)
        {
            if (part.Count == 0)
            {
                return [];
            }

            if ((part.Count <= mostItems && part.Sum(i => i.Name.Length + 3) <= mostText) || bits.Length == Deepest)
            {
                return [(bits, part.ConvertAll(i => i.Item))];
            }

            var mask = 1u << (31 - bits.Length);
            return Divide(part.FindAll(i => (i.Hash & mask) == 0), bits + "0").Concat(Divide(part.FindAll(i => (i.Hash & mask) != 0), bits + "1"));
        }
    }

    private static uint HashOf(string name) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name.ToUpperInvariant())));
}
