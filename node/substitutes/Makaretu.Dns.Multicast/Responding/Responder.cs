using System.Net;
using Makaretu.Dns.Links;

namespace Makaretu.Dns.Responding;

/// <summary>
/// Everything that is said of this machine's services: probing, announcing, answering, defending, renaming, and the goodbye. Driven by packets and
/// by one timer. Thread-safe.
/// </summary>
internal sealed class Responder : IDisposable
{
    /// <summary>A program has few.</summary>
    private const int MostServices = 16;

    private readonly MulticastService mdns;
    private readonly Random random = new();
    private readonly Answering answering;
    private readonly ITimer timer;
    private readonly long epoch;

    /// <summary>Guards all below, and what hangs on it.</summary>
    private readonly Lock gate = new();
    private readonly List<OwnService> services = [];
    private bool isOver;

    /// <summary>When the timer goes off; it is not put off by packets that come meanwhile.</summary>
    private long armed = long.MaxValue;

    public Responder(MulticastService mdns)
    {
        this.mdns = mdns;
        answering = new Answering(mdns, random);
        epoch = mdns.Time.GetTimestamp();
        timer = mdns.Time.CreateTimer(static responder => ((Responder)responder!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        mdns.Received += Take;
        mdns.LinksChanged += Follow;
    }

    private long Now => (long)mdns.Time.GetElapsedTime(epoch).TotalMilliseconds;

    /// <summary>Tells a service from now on; tells again one that is told already, with the records that it has now.</summary>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public void Announce(ServiceProfile profile)
    {
        lock (gate)
        {
            if (services.Find(one => one.Profile == profile) is { } known)
            {
                foreach (var presence in known.Presences.Values.Where(static one => one.Stage != Stage.Probing))
                {
                    presence.Announce(Now);
                }
            }
            else if (services.Count >= MostServices)
            {
                throw new InvalidOperationException($"No more than {MostServices} services are told at once.");
            }
            else
            {
                services.Add(new OwnService(profile));
            }

            Spread();
        }
    }

    /// <summary>Takes a service back: everybody is told that its records are void.</summary>
    public void Withdraw(ServiceProfile profile)
    {
        lock (gate)
        {
            foreach (var service in services.Where(one => one.Profile == profile))
            {
                Goodbye(service.Presences.Values);
            }

            services.RemoveAll(one => one.Profile == profile);
        }
    }

    public void Dispose()
    {
        mdns.Received -= Take;
        mdns.LinksChanged -= Follow;
        lock (gate)
        {
            isOver = true;
        }

        timer.Dispose();
    }

    private void Follow()
    {
        lock (gate)
        {
            Spread();
        }
    }

    /// <summary>Every service on every link that there is: new links are probed, links with other addresses are told them.</summary>
    private void Spread()
    {
        var links = mdns.Links;
        foreach (var service in services)
        {
            foreach (var gone in service.Presences.Keys.Where(id => links.All(link => link.Id != id)).ToList())
            {
                service.Presences.Remove(gone);
            }

            foreach (var link in links)
            {
                if (!service.Presences.TryGetValue(link.Id, out var presence))
                {
                    service.Presences[link.Id] = presence = new Presence(service, link, random);
                    presence.Probe(Now);
                }
                else if (!presence.Link.HasSameAddresses(link) && presence.Stage != Stage.Probing)
                {
                    presence.Announce(Now);
                }

                presence.Link = link;
            }
        }

        Schedule();
    }

    private void Run()
    {
        lock (gate)
        {
            armed = long.MaxValue;
            foreach (var presence in services.SelectMany(static service => service.Presences.Values).ToList())
            {
                if (presence.NextStep <= Now)
                {
                    Step(presence);
                }

                Answer(presence);
            }

            Schedule();
        }
    }

    private void Schedule()
    {
        var due = services.SelectMany(static service => service.Presences.Values).Aggregate(long.MaxValue, static (least, one) => Math.Min(least, one.Due));
        if (!isOver && due < armed)
        {
            armed = due;
            timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, due - Now)), Timeout.InfiniteTimeSpan);
        }
    }

    private void Step(Presence presence)
    {
        var records = presence.Service.Records(presence.Link);
        bool isSent;
        if (presence.Stage == Stage.Probing)
        {
            // After the last probe only time passes.
            isSent = presence.Step == Presence.Probes || mdns.Send(presence.Link, Probe(presence, records));
        }
        else
        {
            isSent = mdns.Send(presence.Link, Answering.Response(records, [], mayFlush: true));
            presence.Said(records, Now);
        }

        if (!isSent)
        {
            presence.Stall(Now);
            return;
        }

        presence.Advance(Now);
    }

    private static Message Probe(Presence presence, List<OwnRecord> records)
    {
        var unique = records.FindAll(static record => !record.IsShared);
        var probe = new Message { AuthorityRecords = [.. unique.Select(static record => record.ToSend(mayFlush: false))] };

        // The first asks for an answer to this machine alone, which comes sooner. Another program may share the port and take it away, so the others do not.
        var @class = (DnsClass)((ushort)DnsClass.IN | (presence.Step == 0 ? ResourceRecord.TopBit : 0));
        probe.Questions.AddRange(unique.Select(static record => record.Record.Name).Distinct().Select(name => new Question { Name = name, Class = @class, Type = DnsType.ANY }));
        return probe;
    }

    private void Answer(Presence presence)
    {
        var answers = presence.TakeDue(Now);
        if (answers.Count > 0)
        {
            var more = Answering.Additional(presence.Service.Records(presence.Link), answers).FindAll(record => !presence.SaidWithin(record, Now, Presence.Again));
            mdns.Send(presence.Link, Answering.Response(answers, more, mayFlush: true));
            presence.Said([.. answers, .. more], Now);
        }
    }

    private void Take(Link link, IPEndPoint from, Message message)
    {
        lock (gate)
        {
            foreach (var service in services)
            {
                if (service.Presences.TryGetValue(link.Id, out var presence))
                {
                    Take(presence, from, message);
                }
            }

            Schedule();
        }
    }

    private void Take(Presence presence, IPEndPoint from, Message message)
    {
        if (message.IsResponse)
        {
            Compare(presence, message);
            return;
        }

        if (presence.Stage == Stage.Probing)
        {
            Contest(presence, message);
            return;
        }

        if (message.Questions.Count == 0)
        {
            message.Answers.ForEach(known => presence.Cancel(known, from.Address));
            return;
        }

        answering.Take(presence, from, message, Now);
    }

    /// <summary>Another one probes for a name that this one is probing for.</summary>
    private void Contest(Presence presence, Message probe)
    {
        var own = presence.Service.Records(presence.Link).FindAll(static record => !record.IsShared);
        foreach (var name in own.Select(static record => record.Record.Name).Distinct())
        {
            var theirs = probe.AuthorityRecords.FindAll(record => record.Name == name);
            if (theirs.Count > 0 && ProbeOrder.Compare(own.Where(record => record.Record.Name == name).Select(static record => record.Record), theirs) < 0)
            {
                presence.Defer(Now);
            }
        }
    }

    /// <summary>What others tell of this machine's names.</summary>
    private void Compare(Presence presence, Message response)
    {
        var service = presence.Service;
        foreach (var record in response.Answers.Concat(response.AdditionalRecords))
        {
            if (service.Claims(record.Name))
            {
                if (service.HasSame(record))
                {
                    Restore(presence, record);
                }
                else if (record.TTL > TimeSpan.Zero && (presence.Stage == Stage.Probing || service.ClaimsType(record)))
                {
                    Conflict(presence, record.Name);
                    return;
                }
            }
            else if (record is PTRRecord pointer && pointer.DomainName == service.Profile.FullyQualifiedName)
            {
                Restore(presence, record);
            }

            presence.Cancel(record, asker: null);
        }
    }

    /// <summary>RFC 6762 section 6.6: whoever shortens the life of this machine's records is set right.</summary>
    private void Restore(Presence presence, ResourceRecord told)
    {
        if (presence.Stage != Stage.Probing
            && presence.Service.Records(presence.Link).Find(own => own.Record.IsSameAs(told)) is { } own && !Presence.IsFresh(own, told, 2))
        {
            presence.Add(own, Now, Presence.Again, asker: null);
        }
    }

    private void Conflict(Presence presence, DomainName name)
    {
        var service = presence.Service;
        var wait = service.Conflict(Now);
        if (presence.Stage != Stage.Probing)
        {
            // Section 9: begin anew, and see whether the other one is still there. One who disturbs without end is not followed.
            if (wait == 0)
            {
                presence.Probe(Now);
            }

            return;
        }

        Goodbye(service.Presences.Values.Where(one => one != presence));
        service.Rename(name);
        foreach (var each in service.Presences.Values)
        {
            each.Probe(Now + wait);
        }
    }

    private void Goodbye(IEnumerable<Presence> presences)
    {
        foreach (var presence in presences.Where(static one => one.WasAnnounced))
        {
            // That there is such a service at all may still be true of others.
            var records = presence.Service.Records(presence.Link).FindAll(static record => record.Record.Name != ServiceDiscovery.ServiceName);
            mdns.Send(presence.Link, Answering.Response(records, [], mayFlush: true, TimeSpan.Zero));
        }
    }
}
