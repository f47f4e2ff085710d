using System.Net;
using Makaretu.Dns.Links;

namespace Makaretu.Dns.Responding;

/// <summary>How far a service is on a link.</summary>
internal enum Stage
{
    /// <summary>Asks whether others have its names (RFC 6762 section 8.1).</summary>
    Probing,

    /// <summary>Tells its records without being asked, twice (section 8.3).</summary>
    Announcing,

    /// <summary>Answers, and says nothing else.</summary>
    Established,
}

/// <summary>One service on one link: where it is in its life, what is to be answered and when, and what was said lately. Times are milliseconds.</summary>
internal sealed class Presence(OwnService service, Link link, Random random)
{
    public const int ProbeEvery = 250;
    public const int Probes = 3;
    public const int AnnounceEvery = 1000;
    public const int Announcements = 2;

    /// <summary>A record is told on a link at most once in this time (RFC 6762 section 6).</summary>
    public const int Again = 1000;

    /// <summary>The same, where the name is being defended against one who probes for it.</summary>
    public const int DefendAgain = 250;

    private const long Never = long.MaxValue;

    private readonly Dictionary<string, Pending> pending = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> said = new(StringComparer.Ordinal);

    public OwnService Service => service;

    public Link Link { get; set; } = link;

    public Stage Stage { get; private set; }

    public int Step { get; private set; }

    /// <summary>When the next probe or announcement goes.</summary>
    public long NextStep { get; private set; } = Never;

    /// <summary>When there is something to do.</summary>
    public long Due => pending.Values.Aggregate(NextStep, static (least, one) => Math.Min(least, one.Due));

    /// <summary>Others have heard its records.</summary>
    public bool WasAnnounced => Stage == Stage.Established || (Stage == Stage.Announcing && Step > 0);

    public void Probe(long at)
    {
        // RFC 6762 section 8.1: machines that are switched on together must not all speak at once.
        (Stage, Step, NextStep) = (Stage.Probing, 0, at + random.Next(ProbeEvery));
        pending.Clear();
    }

    public void Announce(long at) => (Stage, Step, NextStep) = (Stage.Announcing, 0, at);

    /// <summary>The names are taken from the other one's point of view for a second (section 8.2).</summary>
    public void Defer(long now) => (Step, NextStep) = (0, now + AnnounceEvery);

    /// <summary>The step that was due has been taken.</summary>
    public void Advance(long now)
    {
        Step++;
        NextStep = now + (Stage == Stage.Probing ? ProbeEvery : AnnounceEvery);
        if (Stage == Stage.Probing && Step > Probes)
        {
            Announce(now);
        }
        else if (Stage == Stage.Announcing && Step >= Announcements)
        {
            (Stage, Step, NextStep) = (Stage.Established, 0, Never);
        }
    }

    /// <summary>It could not be sent: the same again in a second.</summary>
    public void Stall(long now) => NextStep = now + AnnounceEvery;

    /// <summary>A record is to be told to all, at the given time or as soon after it as is allowed.</summary>
    public void Add(OwnRecord record, long at, int again, IPAddress? asker)
    {
        var due = said.TryGetValue(record.Key, out var last) ? Math.Max(at, last + again) : at;
        if (!pending.TryGetValue(record.Key, out var waiting) || waiting.Due > due)
        {
            pending[record.Key] = new Pending(record, due, asker);
        }
    }

    /// <summary>One who asked and has not been answered yet knows this record, as more of its packets say; or another has told it meanwhile.</summary>
    public void Cancel(ResourceRecord known, IPAddress? asker)
    {
        foreach (var (key, waiting) in pending)
        {
            if ((asker is null || asker.Equals(waiting.Asker)) && waiting.Record.Record.IsSameAs(known) && IsFresh(waiting.Record, known, asker is null ? 1 : 2))
            {
                pending.Remove(key);
            }
        }
    }

    /// <summary>What is to be told now.</summary>
    public List<OwnRecord> TakeDue(long now)
    {
        var due = pending.Values.Where(one => one.Due <= now).Select(static one => one.Record).ToList();
        due.ForEach(record => pending.Remove(record.Key));
        return due;
    }

    public void Said(IEnumerable<OwnRecord> records, long now)
    {
        // Names and addresses change seldom, but a node runs for years.
        if (said.Count > 128)
        {
            said.Clear();
        }

        foreach (var record in records)
        {
            said[record.Key] = now;
        }
    }

    /// <summary>Whether a record was told to all within this time.</summary>
    public bool SaidWithin(OwnRecord record, long now, double milliseconds) => said.TryGetValue(record.Key, out var last) && now - last < milliseconds;

    /// <summary>The one who knows a record needs no other: its time is more than a share of the whole (RFC 6762 sections 7.1, 7.4).</summary>
    public static bool IsFresh(OwnRecord own, ResourceRecord known, int share) => known.TTL >= own.Record.TTL / share;

    private sealed record Pending(OwnRecord Record, long Due, IPAddress? Asker);
}
