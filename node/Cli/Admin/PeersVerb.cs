using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Neighbours;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens peers</c>: one line for each peer, then one for each stranger on the LAN or in DNS that has proven its key.</summary>
internal sealed class PeersVerb(PeerTable table, SeenNeighbours seen, PoolTag tag, TimeProvider time) : IAdminVerb
{
    /// <summary>Names are up to 64 characters; most are short, and a table of short ones is read at a glance.</summary>
    private const int NameWidth = 20;

    public string Name => "peers";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        var peers = table.Peers;
        var strangers = seen.Current;
        var json = new JsonObject
        {
            ["peers"] = new JsonArray([.. peers.Select(ToJson)]),
            ["seen"] = new JsonArray([.. strangers.Select(ToJson)]),
        };
        return new(new AdminAnswer(ExitCodes.Done, Describe(peers, strangers), json));
    }

    private string Describe(IReadOnlyList<Peer> peers, IReadOnlyList<SeenNeighbour> strangers)
    {
        var text = new StringBuilder(peers.Count == 0 ? "There are no peers." : "");
        if (peers.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{"PEER",-NameWidth}  {"ORG",-12}  {"TRUST",-7}  {"FROM",-13}  {"STATE",-13}  {"ADDRESS",-24}  LATENCY");
        }

        foreach (var peer in peers)
        {
            var options = peer.Options;
            var org = options.Org.Length == 0 ? "-" : options.Org;
            var latency = IsMeasured(peer) ? string.Create(CultureInfo.InvariantCulture, $"{peer.Latency.TotalMilliseconds:0.0} ms") : "-";
            text.Append(CultureInfo.InvariantCulture, $"\n{options.Name,-NameWidth}  {org,-12}  {Lower(options.Trust),-7}  {Lower(options.Origin),-13}  {State(peer),-13}  {Address(peer),-24}  {latency}");
            if (peer.IsSetAside)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n    not asked for {Math.Ceiling(peer.SetAsideLeft.TotalSeconds):0} s: {Shown.Text(peer.WhySetAside)}");
            }
        }

        if (strangers.Count > 0)
        {
            var where = string.Join(" AND ", strangers.Select(static one => one.IsPublished ? "IN DNS" : "ON THE LAN").Distinct(StringComparer.Ordinal).OrderDescending(StringComparer.Ordinal));
            text.Append(CultureInfo.InvariantCulture, $"\n\nSEEN {where}, and trusted by nobody here (athens peers pin KEY makes one a peer):");
        }

        foreach (var stranger in strangers)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{stranger.Instance,-NameWidth}  {stranger.Endpoint,-24}  {stranger.Key}{Claim(stranger)}");
        }

        return text.ToString();
    }

    /// <summary>Anybody may show a tag: it proves nothing, and a person should know so.</summary>
    private string Claim(SeenNeighbour stranger) =>
        stranger.PoolTag.Length == 0 ? ""
        : stranger.PoolTag == tag.Current ? "  claims to be in this node's pool, and is no member of it"
        : tag.Current.Length == 0 ? "  in a pool"
        : "  in another pool";

    private JsonObject ToJson(Peer peer) => new()
    {
        ["name"] = peer.Options.Name,
        ["key"] = peer.Options.Key.ToString(),
        ["org"] = peer.Options.Org,
        ["trust"] = Lower(peer.Options.Trust),
        ["from"] = Lower(peer.Options.Origin),
        ["endpoint"] = peer.Options.Endpoint,
        ["connected"] = peer.Link is not null,
        ["near"] = table.Near.Contains(peer),
        ["address"] = Plain(peer.Link?.Address),
        ["latency_ms"] = IsMeasured(peer) ? Math.Round(peer.Latency.TotalMilliseconds, 1) : null,
        ["set_aside"] = peer.IsSetAside
            ? new JsonObject
            {
                ["until"] = (time.GetUtcNow() + peer.SetAsideLeft).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["why"] = peer.WhySetAside,
            }
            : null,
    };

    private static JsonObject ToJson(SeenNeighbour stranger) => new()
    {
        ["name"] = stranger.Instance,
        ["key"] = stranger.Key.ToString(),
        ["endpoint"] = stranger.Endpoint.ToString(),
        ["pool"] = stranger.PoolTag.Length > 0 ? stranger.PoolTag : null,
        ["from"] = stranger.IsPublished ? "dns" : "lan",
    };

    private static bool IsMeasured(Peer peer) => peer.Link is not null && peer.Latency != PeerMeasures.AssumedLatency;

    /// <summary>A socket for both families has addresses of IPv4 in a form that nobody types.</summary>
    private static string? Plain(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();

    /// <summary>In a large pool most are far: their logs come through others, and they are connected when something is to be had from them.</summary>
    private string State(Peer peer) => peer.Link is null ? (table.Near.Contains(peer) ? "not connected" : "far") : peer.IsSetAside ? "set aside" : "connected";

    private static string Address(Peer peer) => Plain(peer.Link?.Address) ?? (peer.Options.Endpoint.Length > 0 ? peer.Options.Endpoint : "-");

    private static string Lower<T>(T choice)
        where T : struct, Enum => choice.ToString().ToLowerInvariant();
}
