using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Tests.Support;
using Grpc.Net.Client;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Interop;

/// <summary>A peer that another gRPC library serves, and the node's client to it, over mutual TLS with the keys of nodes.</summary>
internal sealed class ServingPeer : IDisposable
{
    /// <summary>What gRPC clients take unless told otherwise.</summary>
    private const int MaxReceive = 4 << 20;

    private readonly List<IDisposable> things = [];
    private readonly string library;
    private readonly TemporaryFolder folder = new("interop");

    private ServingPeer(string library, int contentSize)
    {
        this.library = library;
        Content = new byte[contentSize];
        new Random(20261120).NextBytes(Content);
        File.WriteAllBytes(folder.File("content"), Content);
        Peer.Export(folder, Node.Certificate.Current);
    }

    /// <summary>Who calls.</summary>
    public Identity Node { get; } = new("node");

    /// <summary>Who serves.</summary>
    public Identity Peer { get; } = new("peer");

    /// <summary>What it serves as every file.</summary>
    public byte[] Content { get; }

    public ForeignProgram Program { get; private set; } = null!;

    /// <summary>Where it listens.</summary>
    public string Address { get; private set; } = "";

    public Wire.PeerService.PeerServiceClient Client { get; private set; } = null!;

    /// <param name="library">"grpc-js" or "grpcio".</param>
    /// <param name="contentSize">Bytes of <see cref="Content"/>.</param>
    public static async Task<ServingPeer> StartAsync(string library, int contentSize)
    {
        ServingPeer peer = new(library, contentSize);
        (peer.Program, peer.Address) = await peer.ServeAsync();
        peer.Client = peer.Connect(peer.Node, peer.Peer.Key);
        return peer;
    }

    public static Wire.FetchRequest Request(string path) => new()
    {
        Module = new Wire.ModuleVersion { Path = path, Version = "v1.0.0" },
        File = Wire.FetchRequest.Types.File.Zip,
    };

    /// <summary>Another one, of an older version that lacks Resolve.</summary>
    public async Task<Wire.PeerService.PeerServiceClient> StartOlderAsync() => Connect(Node, Peer.Key, (await ServeAsync("old")).Address);

    /// <summary>A connection of its own.</summary>
    public Wire.PeerService.PeerServiceClient Connect(
        Identity own, PeerKey expected, string? address = null, int limit = MaxReceive, Action<PeerKey?, string>? refused = null)
    {
        var channel = GrpcChannel.ForAddress($"https://{address ?? Address}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = PeerTls.ClientOptions(own.Certificate, expected, refused),
                UseProxy = false,
                AllowAutoRedirect = false,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = limit,
        });
        things.Insert(0, channel);
        return new Wire.PeerService.PeerServiceClient(channel);
    }

    public void Dispose()
    {
        things.ForEach(static thing => thing.Dispose());
        Node.Dispose();
        Peer.Dispose();
        folder.Dispose();
    }

    private async Task<(ForeignProgram Program, string Address)> ServeAsync(params string[] arguments)
    {
        var (program, port) = await ForeignProgram.ServeAsync(library, "Interop/peer_server", [folder.Path, .. arguments]);
        things.Add(program);
        return (program, $"127.0.0.1:{port}");
    }
}
