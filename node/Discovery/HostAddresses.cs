using System.Net;
using System.Net.Sockets;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery;

/// <summary>The addresses of one host that an instance names.</summary>
internal sealed class HostAddresses
{
    /// <summary>Of both families; more than is shown of a neighbour, as some are not near.</summary>
    private const int Most = 2 * Neighbour.MaxEndpoints;

    /// <summary>RFC 6762 section 10.2: what was told longer ago than this is not of the set that is told now, and ends this much later.</summary>
    private const long Flush = 1000;

    private readonly Dictionary<IPAddress, Held<DnsType>> held = [];

    public bool Any => held.Count > 0;

    public long NextAsk => held.Values.Aggregate(long.MaxValue, static (least, one) => Math.Min(least, one.NextAsk));

    public long NextEnd => held.Values.Aggregate(long.MaxValue, static (least, one) => Math.Min(least, one.Until));

    /// <summary>IPv4 first: it is what is seldom broken on a LAN; link-local IPv6 last.</summary>
    public IEnumerable<IPAddress> InOrder => held.Keys
        .OrderBy(static address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : address.IsIPv6LinkLocal ? 2 : 1)
        .ThenBy(static address => address.ToString(), StringComparer.Ordinal);

    public void Take(IPAddress address, Held<DnsType> told)
    {
        if (held.ContainsKey(address) || held.Count < Most)
        {
            held[address] = told;
        }
    }

    /// <summary>The set of addresses of this type has just been told whole.</summary>
    public void FlushOthers(DnsType type, long now)
    {
        foreach (var (address, told) in held.Where(one => one.Value.Value == type && now - one.Value.From > Flush).ToList())
        {
            held[address] = told.EndingAt(now + Flush);
        }
    }

    public void Expire(long now)
    {
        foreach (var address in held.Where(one => one.Value.Until <= now).Select(static one => one.Key).ToList())
        {
            held.Remove(address);
        }
    }

    /// <summary>Types to be asked for now; noted as asked.</summary>
    public List<DnsType> Ask(long now)
    {
        var due = held.Where(one => one.Value.NextAsk <= now).ToList();
        due.ForEach(one => held[one.Key] = one.Value with { Asked = one.Value.Asked + 1 });
        return [.. due.Select(static one => one.Value.Value).Distinct()];
    }
}
