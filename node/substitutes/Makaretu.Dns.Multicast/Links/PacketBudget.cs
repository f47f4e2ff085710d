using System.Net;

namespace Makaretu.Dns.Links;

/// <summary>
/// How many packets are looked at: so many in a second from one sender, so many from all. What is beyond waits in the kernel, which drops it. So a
/// flood costs a bounded share of one processor, and a quiet neighbour is still heard between the packets of a loud one.
/// </summary>
internal sealed class PacketBudget(TimeProvider time)
{
    /// <summary>A thousand machines that ask and answer make some dozens; a packet costs at most 0.1 ms.</summary>
    public const int PerSecond = 1000;

    /// <summary>A machine answers a record at most once a second; the rest is its questions and starts.</summary>
    public const int PerSenderAndSecond = 100;

    /// <summary>Senders told apart; the others share what is left for all.</summary>
    public const int MostSenders = 512;

    private readonly Dictionary<IPAddress, int> senders = [];
    private long second = long.MinValue;
    private int all;

    /// <summary>How long nothing more is to be read; zero: go on.</summary>
    public TimeSpan Pause { get; private set; }

    /// <summary>Whether to look at a packet.</summary>
    public bool Take(IPAddress sender)
    {
        var now = time.GetTimestamp();
        var present = now / time.TimestampFrequency;
        if (present != second)
        {
            (second, all) = (present, 0);
            senders.Clear();
        }

        all++;
        Pause = all < PerSecond ? TimeSpan.Zero : time.GetElapsedTime(now, (present + 1) * time.TimestampFrequency);
        if (!senders.TryGetValue(sender, out var count) && senders.Count >= MostSenders)
        {
            return true;
        }

        senders[sender] = count + 1;
        return count < PerSenderAndSecond;
    }
}
