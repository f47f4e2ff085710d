using System.Net;
using Athens.Federation.Node.Federation;
using Athens.Federation.Tests.Federation.Serving;
using Athens.Federation.Tests.Support;
using Athens.Federation.Tests.Telemetry;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Interop;

/// <summary>A node's real peer port, and foreign clients that call it, of which one identity is a peer of the node.</summary>
internal sealed class CalledNode : IAsyncDisposable
{
    private readonly List<IDisposable> things = [];
    private readonly LogCapture log = new();
    private readonly string library;

    private CalledNode(string library) => this.library = library;

    public ServingRig Rig { get; private set; } = null!;

    public WatchedStore Store { get; private set; } = null!;

    /// <summary>The one that the node knows.</summary>
    public Identity Peer { get; } = new("peer");

    /// <summary>What the node logged at warning and above.</summary>
    public IEnumerable<CapturedLine> Complaints => log.Lines.Where(static line => line.Level >= LogLevel.Warning);

    /// <summary>Why the node refused connections.</summary>
    public IEnumerable<string> Refused => log.Lines.Select(static line => line.Message).Where(static words => words.Contains("refused", StringComparison.Ordinal));

    public static async Task<CalledNode> StartAsync(string library, FederationOptions? options = null)
    {
        CalledNode node = new(library);
        ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddProvider(node.log));
        node.things.AddRange([node.Peer, loggers]);
        node.Rig = await ServingRig.StartAsync(options, around: store => node.Store = new WatchedStore(store), loggers: loggers);
        node.Rig.Peers.Set(PeerOrigin.Configuration, [new PeerOptions(library, "foreign.example:3443", node.Peer.Key, "", PeerTrust.None)]);
        return node;
    }

    /// <summary>A client with the identity that the node knows.</summary>
    public ForeignPeerClient Client(params string[] arguments) => Client(Peer, Rig.Address, arguments);

    /// <summary>A client with an identity of its own, or at another address.</summary>
    public ForeignPeerClient Client(Identity identity, IPEndPoint address, params string[] arguments)
    {
        TemporaryFolder folder = new("interop");
        identity.Export(folder, Rig.Certificate.Current);
        ForeignPeerClient client = new(library, folder.Path, address.Port, arguments);
        things.InsertRange(0, [client, folder]);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        // Clients first: a node that is going down waits for their streams.
        things.ForEach(static thing => thing.Dispose());
        await Rig.DisposeAsync();
    }
}
