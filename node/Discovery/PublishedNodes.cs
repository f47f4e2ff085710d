using System.Net;
using System.Net.Sockets;
using Athens.Federation.Node.Discovery.Resolving;

namespace Athens.Federation.Node.Discovery;

/// <summary>
/// Where a domain says that nodes are: the SRV records of <c>_athens-pool._tcp.DOMAIN</c>, looked up at the start and again when they have ended. A record names
/// no key, so who is there must be asked. Safe for any thread.
/// </summary>
/// <param name="domain">Such as <c>example.org</c>; empty asks nothing.</param>
/// <param name="names">DNS.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The room's.</param>
internal sealed class PublishedNodes(string domain, NameLookup names, TimeProvider time, ILogger<PublishedNodes> logger) : BackgroundService
{
    /// <summary>Hosts whose addresses are looked up: a pool names its lasting nodes, not all.</summary>
    public const int MaxHosts = 8;

    public const int MaxEndpoints = 32;

    /// <summary>Records that say they end sooner, or later, are looked up again after these times all the same.</summary>
    private static readonly TimeSpan Soonest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Latest = TimeSpan.FromHours(1);

    /// <summary>While there is no record; somebody may be about to write one.</summary>
    private static readonly TimeSpan WhileAbsent = TimeSpan.FromMinutes(5);

    /// <summary>After the first failure; twice as long after each further one, up to <see cref="WhileAbsent"/>.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(15);

    private volatile IReadOnlyList<IPEndPoint> current = [];
    private TimeSpan pause = AfterFailure;
    private string said = "";

    /// <summary>Raised after <see cref="Current"/> has changed.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: there is one list, and it is asked for.
    public event Action? Changed;
#pragma warning restore MA0046

    /// <summary>In the order in which they are to be tried. What was known stays while nobody can be asked.</summary>
    public IReadOnlyList<IPEndPoint> Current => current;

    private string Name => $"{OwnInstance.Service}.{domain}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (domain.Length > 0)
        {
            await Task.Delay(await LookAsync(stoppingToken), time, stoppingToken);
        }
    }

    /// <summary>Looks once; how long it is until the next time.</summary>
    private async Task<TimeSpan> LookAsync(CancellationToken cancellationToken)
    {
        var services = await names.ServicesAsync(Name, cancellationToken);
        if (services.End != LookupEnd.Found)
        {
            return services.End == LookupEnd.Absent ? Missing(services.Reason) : Failed(services.Reason);
        }

        var hosts = await Task.WhenAll(services.Values.Take(MaxHosts).Select(async service =>
            (service.Port, Addresses: await names.AddressesAsync(service.Host, cancellationToken))));
        if (!Array.Exists(hosts, static host => host.Addresses.End == LookupEnd.Found))
        {
            return Failed(hosts[0].Addresses.Reason);
        }

        var found = hosts.Where(static host => host.Addresses.End == LookupEnd.Found).ToList();
        Be([.. found.SelectMany(static host => host.Addresses.Values.Where(IsUsable).Select(address => new IPEndPoint(address, host.Port))).Distinct().Take(MaxEndpoints)]);
        Say($"found {string.Join(' ', current)}", () => logger.Published(Name, string.Join(' ', current)));
        pause = AfterFailure;
        var good = found.Select(static host => host.Addresses.Ttl).Append(services.Ttl).Min();
        return found.Count < hosts.Length || good < Soonest ? Soonest : good > Latest ? Latest : good;
    }

    private TimeSpan Missing(string reason)
    {
        Be([]);
        Say("absent", () => logger.NonePublished(reason));
        pause = AfterFailure;
        return WhileAbsent;
    }

    private TimeSpan Failed(string reason)
    {
        Say("failed", () => logger.CannotLookUp(Name, reason));
        var wait = pause;
        pause = pause * 2 < WhileAbsent ? pause * 2 : WhileAbsent;
        return wait;
    }

    /// <summary>Each state once, until it is another one.</summary>
    private void Say(string state, Action say)
    {
        if (!string.Equals(said, state, StringComparison.Ordinal))
        {
            said = state;
            say();
        }
    }

    private void Be(IReadOnlyList<IPEndPoint> now)
    {
        if (!now.SequenceEqual(current))
        {
            current = now;
            Changed?.Invoke();
        }
    }

    private static bool IsUsable(IPAddress address) =>
        !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.Equals(IPAddress.Broadcast)
        && !address.IsIPv6Multicast && !address.IsIPv6LinkLocal
        && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and < 240);
}
