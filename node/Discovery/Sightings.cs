using System.Net;
using System.Net.Sockets;
using System.Text;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery;

/// <summary>
/// What is known of the nodes on the LAN, and until when. Anybody there may say anything: everything is bounded, and whoever tells of many instances loses
/// them first. Not thread-safe; times are milliseconds of one clock.
/// </summary>
internal sealed class Sightings(Func<IPAddress, bool> isNear, Random random)
{
    public const int Most = 256;

    /// <summary>Instances that one sender may tell of: several nodes on one machine are a test or a demonstration.</summary>
    public const int MostOfOneSource = 32;

    /// <summary>Nobody's node is believed to be there for longer without being heard of.</summary>
    private static readonly TimeSpan LongestTtl = TimeSpan.FromMinutes(75);

    /// <summary>RFC 6762 section 10.1: what is taken back ends a second later.</summary>
    private const long GoodbyeAfter = 1000;

    private const int LongestLabel = 63;

    private static readonly DomainName ServiceName = DomainName.Join(new DomainName(OwnInstance.Service), "local");

    private readonly Dictionary<DomainName, Sighting> sightings = [];
    private readonly Dictionary<DomainName, HostAddresses> hosts = [];

    /// <summary>An instance was lost without a goodbye since this was last asked.</summary>
    private bool hasLost;

    public int Count => sightings.Count;

    /// <summary>When <see cref="Expire"/> or <see cref="Questions"/> has something to do.</summary>
    public long Due => sightings.Values.Aggregate(long.MaxValue, (least, one) => Math.Min(
        Math.Min(least, one.NextAsk(Addresses(one)?.Any == true)),
        Math.Min(one.Pointer.Until, Math.Min(one.Service?.Until ?? long.MaxValue, Math.Min(Addresses(one)?.NextEnd ?? long.MaxValue, Addresses(one)?.NextAsk ?? long.MaxValue)))));

    /// <summary>What a message tells: pointers first, then what they point to, then where that is, however it is ordered.</summary>
    /// <returns>Whether it told anything of this service.</returns>
    public bool Take(Message message, IPEndPoint from, long now)
    {
        var isOurs = false;
        var records = message.Answers.Concat(message.AdditionalRecords).ToList();
        foreach (var pointer in records.OfType<PTRRecord>().Where(static pointer => pointer.Name == ServiceName))
        {
            Take(pointer, from.Address, now);
            isOurs = true;
        }

        foreach (var record in records)
        {
            if (record is SRVRecord or TXTRecord && sightings.TryGetValue(record.Name, out var sighting))
            {
                Take(sighting, record, now);
                isOurs = true;
            }
        }

        if (isOurs)
        {
            Tidy();
        }

        foreach (var record in records.OfType<AddressRecord>())
        {
            if (hosts.TryGetValue(record.Name, out var host))
            {
                Take(host, record, from, now);
                isOurs = true;
            }
        }

        return isOurs;
    }

    /// <summary>Forgets what has ended. True when an instance was lost that had not said goodbye.</summary>
    public bool Expire(long now)
    {
        foreach (var host in hosts.Values)
        {
            host.Expire(now);
        }

        foreach (var (name, sighting) in sightings)
        {
            // An instance that does not tell its port any more is gone, however long its name is good for.
            if (sighting.Pointer.Until <= now || sighting.Service?.Until <= now)
            {
                hasLost |= sighting.Pointer.Until > now;
                sightings.Remove(name);
            }
            else if (sighting.Text?.Until <= now)
            {
                sighting.Text = null;
            }
        }

        Tidy();
        return Interlocked.Exchange(ref hasLost, false);
    }

    /// <summary>What is to be asked for now.</summary>
    public List<Question> Questions(long now)
    {
        List<Question> questions = [];
        foreach (var sighting in sightings.Values)
        {
            var host = Addresses(sighting);
            questions.AddRange(sighting.Ask(now, host?.Any == true).Select(type => new Question { Name = sighting.Name, Type = type }));
        }

        foreach (var (name, host) in hosts)
        {
            questions.AddRange(host.Ask(now).Select(type => new Question { Name = name, Type = type }));
        }

        return questions;
    }

    /// <summary>What those who are asked for instances need not tell.</summary>
    public IEnumerable<ResourceRecord> KnownAnswers(long now) => sightings.Values
        .Where(sighting => sighting.Pointer.IsFresh(now))
        .Select(sighting => new PTRRecord
        {
            Name = ServiceName,
            DomainName = sighting.Name,
            TTL = TimeSpan.FromMilliseconds(sighting.Pointer.Until - now),
        });

    /// <summary>Those of whom everything is known.</summary>
    public List<Neighbour> Neighbours() =>
        [.. sightings.Values.Select(Neighbour).OfType<Neighbour>().OrderBy(static neighbour => neighbour.Instance, StringComparer.Ordinal)];

    private Neighbour? Neighbour(Sighting sighting)
    {
        if (sighting is not { Service.Value: var (_, port), Text.Value: { } text } || Addresses(sighting) is not { } host)
        {
            return null;
        }

        IPEndPoint[] endpoints = [.. host.InOrder.Where(isNear).Take(Discovery.Neighbour.MaxEndpoints).Select(address => new IPEndPoint(address, port))];
        return endpoints.Length == 0 ? null : new Neighbour(sighting.Name.Labels[0], endpoints, text.Key, text.Tag);
    }

    private void Take(PTRRecord pointer, IPAddress source, long now)
    {
        var name = pointer.DomainName;
        if (!IsInstance(name))
        {
            return;
        }

        if (sightings.TryGetValue(name, out var known))
        {
            known.Pointer = pointer.TTL == TimeSpan.Zero ? known.Pointer.EndingAt(now + GoodbyeAfter) : Hold(name, pointer, now);
        }
        else if (pointer.TTL > TimeSpan.Zero && MakeRoom(source))
        {
            sightings[name] = new Sighting(name, source, now) { Pointer = Hold(name, pointer, now) };
        }
    }

    private void Take(Sighting sighting, ResourceRecord record, long now)
    {
        var isGoodbye = record.TTL == TimeSpan.Zero;
        if (record is SRVRecord service)
        {
            sighting.Service = isGoodbye ? sighting.Service?.EndingAt(now + GoodbyeAfter)
                : service.Port == 0 ? sighting.Service
                : Hold((service.Target, service.Port), record, now);
        }
        else if (record is TXTRecord text)
        {
            sighting.Text = isGoodbye ? sighting.Text?.EndingAt(now + GoodbyeAfter) : Hold(ServiceText.Read(text.Strings), record, now);
        }
    }

    private void Take(HostAddresses host, AddressRecord record, IPEndPoint from, long now)
    {
        // A link-local address is good only together with the interface on which it was heard.
        var address = record.Address;
        if (address.IsIPv6LinkLocal)
        {
            if (from.AddressFamily != AddressFamily.InterNetworkV6 || from.Address.ScopeId == 0)
            {
                return;
            }

            address = new IPAddress(address.GetAddressBytes(), from.Address.ScopeId);
        }

        var told = Hold(record.Type, record, now);
        host.Take(address, record.TTL == TimeSpan.Zero ? told with { Until = now + GoodbyeAfter, Asked = int.MaxValue } : told);
        if (((ushort)record.Class & 0x8000) != 0)
        {
            host.FlushOthers(record.Type, now);
        }
    }

    private Held<T> Hold<T>(T value, ResourceRecord record, long now)
    {
        var ttl = record.TTL < LongestTtl ? record.TTL : LongestTtl;
        return new Held<T>(value, now, now + (long)ttl.TotalMilliseconds, random.NextDouble());
    }

    /// <summary>False when this sender has told of enough.</summary>
    private bool MakeRoom(IPAddress source)
    {
        if (sightings.Values.Count(one => one.Source.Equals(source)) >= MostOfOneSource)
        {
            return false;
        }

        if (sightings.Count < Most)
        {
            return true;
        }

        var loudest = sightings.Values.GroupBy(static one => one.Source).MaxBy(static group => group.Count())!;
        sightings.Remove(loudest.First().Name);
        return true;
    }

    /// <summary>Hosts are those that instances name, no others.</summary>
    private void Tidy()
    {
        var named = sightings.Values.Select(static one => one.Service?.Value.Host).OfType<DomainName>().ToHashSet();
        foreach (var host in hosts.Keys.Where(host => !named.Contains(host)).ToList())
        {
            hosts.Remove(host);
        }

        foreach (var host in named.Where(host => !hosts.ContainsKey(host)))
        {
            hosts[host] = new HostAddresses();
        }
    }

    private HostAddresses? Addresses(Sighting sighting) => sighting.Service is { } service ? hosts.GetValueOrDefault(service.Value.Host) : null;

    /// <summary>One label before the service's name, of what may stand in logs.</summary>
    private static bool IsInstance(DomainName name) =>
        name.Labels.Count == ServiceName.Labels.Count + 1
        && new DomainName([.. name.Labels.Skip(1)]) == ServiceName
        && Encoding.UTF8.GetByteCount(name.Labels[0]) <= LongestLabel
        && name.Labels[0].All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
