using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// A node's rank for one module version (rendezvous hashing, federation.proto, Location.rank): every node computes the same
/// for each, and no node is first for all modules. Of two equal values, which nobody will ever see, the keys decide.
/// </summary>
internal readonly record struct Rank(ulong Value, PeerKey Key) : IComparable<Rank>
{
    public static Rank Of(PeerKey key, ModuleVersion module)
    {
        byte[] name = Encoding.UTF8.GetBytes($"{module.Path}@{module.Version}");
        byte[] input = [.. key.Bytes.Span, 0, .. name];
        return new Rank(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(input)), key);
    }

    public int CompareTo(Rank other)
    {
        int order = Value.CompareTo(other.Value);
        return order != 0 ? order : Key.Bytes.Span.SequenceCompareTo(other.Key.Bytes.Span);
    }

    public static bool operator <(Rank left, Rank right) => left.CompareTo(right) < 0;

    public static bool operator >(Rank left, Rank right) => left.CompareTo(right) > 0;

    public static bool operator <=(Rank left, Rank right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Rank left, Rank right) => left.CompareTo(right) >= 0;
}
