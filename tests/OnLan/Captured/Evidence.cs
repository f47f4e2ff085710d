using System.Net;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>What a capture and the nodes' keys show: who said what to whom.</summary>
internal sealed class Evidence
{
    /// <summary>Between frames, so that no word is made of two.</summary>
    private static readonly byte[] Between = [0xFF, 0];

    private readonly List<(IPAddress From, IPAddress To, TimedBytes Said)> opened = [];
    private readonly List<Haystack> clear = [];

    /// <param name="frames">All.</param>
    /// <param name="keys">Of all TLS connections that were captured.</param>
    public Evidence(IReadOnlyList<Frame> frames, TlsKeys keys)
    {
        clear.Add(new Haystack("the frames of the LAN", frames.SelectMany(static frame => (byte[])[.. frame.Bytes.Span, .. Between]).ToArray()));
        foreach (var conversation in Conversation.All(frames))
        {
            var (asked, answered) = (conversation.Opened, conversation.Answered);
            if (TlsWay.IsTls(asked.Bytes().All.Span))
            {
                var (one, other) = TlsWay.Open(conversation, keys);
                opened.Add((asked.From.Address, asked.To.Address, one));
                opened.Add((answered.From.Address, answered.To.Address, other));
                continue;
            }

            clear.Add(new Haystack($"what {asked.From} sent {asked.To} in clear", asked.Bytes().All));
            clear.Add(new Haystack($"what {answered.From} sent {answered.To} in clear", answered.Bytes().All));
        }
    }

    /// <summary>All that anybody on the LAN could read: multicast, and whatever is not TLS.</summary>
    public IReadOnlyList<Haystack> Clear => clear;

    /// <summary>Bytes that came out of TLS.</summary>
    public long Opened => opened.Sum(static way => way.Said.Length);

    /// <summary>What the first said to the second inside TLS, before a moment or since.</summary>
    public IReadOnlyList<Haystack> Said(Party from, Party to, DateTimeOffset moment, bool isBefore)
    {
        List<Haystack> all = [];
        foreach (var (_, _, said) in opened.Where(way => from.Has(way.From) && to.Has(way.To)))
        {
            var cut = said.Before(moment);
            var (first, end) = isBefore ? (0, cut) : (cut, (int)said.Length);
            var what = $"what {from.Name} told {to.Name}{(isBefore ? "" : " in the end")}";
            all.Add(new Haystack(what, said.All[first..end]));
            all.AddRange(Http2Bodies.Of(said.All.Span, first, end).Select(body => new Haystack(what + ", without frames", body)));
        }

        return all;
    }
}

/// <summary>A node as the LAN sees it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Addresses">Its own.</param>
internal sealed record Party(string Name, IReadOnlyList<IPAddress> Addresses)
{
    public static async Task<Party> OfAsync(OrgNode node)
    {
        var shown = await Office.RunAsync(Office.At(node.Desk, "ip", "-o", "addr", "show", "dev", "eth0"));
        return new Party(node.Name, [.. shown.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(static word => word.Contains('/', StringComparison.Ordinal))
            .Select(static word => IPAddress.TryParse(word.Split('/')[0], out var address) ? address : null).OfType<IPAddress>()]);
    }

    public bool Has(IPAddress address) => Addresses.Contains(address);
}
