using System.Net.Sockets;

namespace Makaretu.Dns.Links;

/// <summary>
/// Packets just sent, which multicast brings back. Each is dropped as often as it was sent: the same bytes once more are another program's of this
/// machine. Not thread-safe.
/// </summary>
internal sealed class OwnPackets(TimeProvider time)
{
    private const int Most = 256;

    /// <summary>Loopback takes microseconds; a machine that was stopped meanwhile hears itself, which does no harm.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(2);

    private readonly Queue<(int Hash, (AddressFamily Family, int Index) Link, long At)> sent = [];
    private readonly Dictionary<(int Hash, (AddressFamily Family, int Index) Link), int> expected = [];

    public void Sent((AddressFamily Family, int Index) link, ReadOnlySpan<byte> packet)
    {
        Forget();
        var hash = Hash(packet);
        sent.Enqueue((hash, link, time.GetTimestamp()));
        expected[(hash, link)] = expected.GetValueOrDefault((hash, link)) + 1;
    }

    /// <summary>Whether this is one of them; then it is not expected any more.</summary>
    public bool Take((AddressFamily Family, int Index) link, ReadOnlySpan<byte> packet)
    {
        var key = (Hash(packet), link);
        return expected.ContainsKey(key) && Less(key);
    }

    private void Forget()
    {
        while (sent.TryPeek(out var first) && (sent.Count >= Most || time.GetElapsedTime(first.At) > Remembered))
        {
            sent.Dequeue();
            Less((first.Hash, first.Link));
        }
    }

    private bool Less((int Hash, (AddressFamily Family, int Index) Link) key)
    {
        var left = expected.GetValueOrDefault(key) - 1;
        if (left > 0)
        {
            expected[key] = left;
        }
        else
        {
            expected.Remove(key);
        }

        return true;
    }

    private static int Hash(ReadOnlySpan<byte> packet)
    {
        HashCode hash = default;
        hash.AddBytes(packet);
        return hash.ToHashCode();
    }
}
