using System.Net;
using Makaretu.Dns.Links;

namespace Makaretu.Dns.Responding;

/// <summary>What a query is answered with on a link, and how (RFC 6762 sections 5.4, 6 and 6.7).</summary>
internal sealed class Answering(MulticastService mdns, Random random)
{
    /// <summary>A query with more is nobody's honest one.</summary>
    private const int MostQuestions = 64;

    /// <summary>Answers to one machine alone in a second: resolvers ask once.</summary>
    private const int UnicastPerSecond = 20;

    private const int ShortestWait = 20;
    private const int LongestWait = 120;

    /// <summary>More known answers are on their way (section 7.2).</summary>
    private const int ShortestWaitForMore = 400;
    private const int LongestWaitForMore = 500;

    /// <summary>Section 6.7: a resolver that knows nothing of multicast would keep it for too long.</summary>
    private static readonly TimeSpan LegacyTtl = TimeSpan.FromSeconds(10);

    private long second;
    private int unicast;

    /// <param name="presence">A service that may be answered for.</param>
    /// <param name="from">Who asks.</param>
    /// <param name="query">What.</param>
    /// <param name="now">Milliseconds.</param>
    public void Take(Presence presence, IPEndPoint from, Message query, long now)
    {
        var records = presence.Service.Records(presence.Link);
        var asked = query.Questions.Take(MostQuestions).ToList();
        var matching = records.FindAll(record => asked.Exists(question => question.Matches(record.Record)));
        if (from.Port != MulticastSocket.Port)
        {
            Legacy(presence.Link, from, query, records, matching);
            return;
        }

        matching.RemoveAll(record => query.Answers.Exists(known => known.IsSameAs(record.Record) && Presence.IsFresh(record, known, 2)));
        var alone = matching.FindAll(record => asked.TrueForAll(question => question.WantsUnicast || !question.Matches(record.Record))
            && presence.SaidWithin(record, now, record.Record.TTL.TotalMilliseconds / 4));
        if (alone.Count > 0 && MayUnicast(now))
        {
            mdns.Send(presence.Link, Response(alone, Additional(records, alone), mayFlush: true), from);
            matching.RemoveAll(alone.Contains);
        }

        var isProbe = query.AuthorityRecords.Count > 0;
        var wait = query.TC ? random.Next(ShortestWaitForMore, LongestWaitForMore)
            : isProbe || matching.TrueForAll(static record => !record.IsShared) ? 0
            : random.Next(ShortestWait, LongestWait);
        matching.ForEach(record => presence.Add(record, now + wait, isProbe ? Presence.DefendAgain : Presence.Again, query.TC ? from.Address : null));
    }

    /// <summary>What one who asks for these will ask for next (RFC 6763 section 12).</summary>
    public static List<OwnRecord> Additional(List<OwnRecord> records, List<OwnRecord> answers)
    {
        List<OwnRecord> more = [];
        foreach (var name in answers.Select(static answer => answer.Record).OfType<PTRRecord>().Select(static pointer => pointer.DomainName).ToList())
        {
            more.AddRange(records.Where(record => !record.IsShared && record.Record.Name == name));
        }

        foreach (var host in answers.Concat(more).Select(static answer => answer.Record).OfType<SRVRecord>().Select(static service => service.Target).ToList())
        {
            more.AddRange(records.Where(record => record.Record is AddressRecord && record.Record.Name == host));
        }

        return [.. more.Where(record => answers.TrueForAll(answer => answer.Key != record.Key)).DistinctBy(static record => record.Key)];
    }

    public static Message Response(IEnumerable<OwnRecord> answers, IEnumerable<OwnRecord> additional, bool mayFlush, TimeSpan? ttl = null) => new()
    {
        QR = true,
        AA = true,
        Answers = [.. answers.Select(record => record.ToSend(mayFlush, ttl))],
        AdditionalRecords = [.. additional.Select(record => record.ToSend(mayFlush, ttl))],
    };

    private void Legacy(Link link, IPEndPoint from, Message query, List<OwnRecord> records, List<OwnRecord> matching)
    {
        if (matching.Count == 0 || !MayUnicast(Environment.TickCount64))
        {
            return;
        }

        var response = Response(matching, Additional(records, matching), mayFlush: false);
        response.Id = query.Id;
        response.Questions.AddRange(query.Questions.Take(MostQuestions));
        foreach (var record in response.Answers.Concat(response.AdditionalRecords))
        {
            record.TTL = record.TTL < LegacyTtl ? record.TTL : LegacyTtl;
        }

        mdns.Send(link, response, from);
    }

    private bool MayUnicast(long now)
    {
        (second, unicast) = now / 1000 == second ? (second, unicast + 1) : (now / 1000, 1);
        return unicast <= UnicastPerSecond;
    }
}
