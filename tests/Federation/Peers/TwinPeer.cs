using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>A peer in this process: real keys and real records, and answers as a test tells it, over no network.</summary>
internal sealed class TwinPeer : IDisposable
{
    private readonly SigningKey log;
    private int calls;

    public TwinPeer(string name, PeerTrust trust = PeerTrust.Observe, string org = "")
    {
        Identity = SigningKey.Create($"{name}/identity");
        log = SigningKey.Create(name);
        Options = new PeerOptions(name, "localhost:1", PeerKey.Of(Identity.PublicKey.Span), org, trust);
        Locate = (request, _) => Task.FromResult(Located(request));
        Client = new Wire.PeerService.PeerServiceClient(new TwinInvoker(this));
    }

    public SigningKey Identity { get; }

    public PeerOptions Options { get; }

    public NoteVerifier Log => log.Verifier;

    public Wire.PeerService.PeerServiceClient Client { get; }

    public ConcurrentDictionary<ModuleVersion, Wire.Location> Locations { get; } = new();

    public Func<Wire.LocateRequest, CancellationToken, Task<Wire.LocateResponse>> Locate { get; set; }

    public Func<Wire.VersionsRequest, CancellationToken, Task<Wire.VersionsResponse>> Versions { get; set; } =
        static (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "not held"));

    public Func<Wire.ResolveRequest, CancellationToken, Task<Wire.ResolveResponse>> Resolve { get; set; } =
        static (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "not held"));

    /// <summary>Calls of all methods so far.</summary>
    public int Calls => Volatile.Read(ref calls);

    /// <summary>Connected, as after a WhoAreYou.</summary>
    public PeerLink Link(bool onLan = true) => new(Client, Client, Log, onLan);

    /// <summary>Says from now on that it holds the module version, with hashes that <paramref name="content"/> decides.</summary>
    public Wire.Location Hold(ModuleVersion module, string content = "genuine", int zipSize = 1000) =>
        Locations[module] = Location(Record(module, content, zipSize), content);

    public ByteString Sign(ModuleRecord record) => ByteString.CopyFrom(SignedNote.Sign(record.ToText(), log));

    public static ModuleRecord Record(ModuleVersion module, string content, int zipSize = 1000)
    {
        int chunks = ChunkRules.Count(zipSize);
        return new ModuleRecord
        {
            Module = module,
            ZipHash = H1($"zip {content}"),
            ModHash = H1($"mod {content}"),
            Zip = new RecordedFile(Convert.ToHexStringLower(Hash($"zip {content}")), zipSize),
            Info = new RecordedFile(Convert.ToHexStringLower(Hash($"info {content}")), 50),
            ChunkRoot = chunks == 0 ? null : ChunkRules.RootOf(Chunks(content, chunks)),
            Provenance = "2026-11-20T16:56:00Z direct go1.23.5",
        };
    }

    public Wire.Location Location(ModuleRecord record, string content = "genuine") => new()
    {
        State = Wire.Location.Types.State.Held,
        Record = Sign(record),
        ZipSha256 = ByteString.CopyFrom(Convert.FromHexString(record.Zip.Sha256)),
        ZipSize = (ulong)record.Zip.Size,
        Chunks = ByteString.CopyFrom(Chunks(content, ChunkRules.Count(record.Zip.Size))),
        InfoSize = (uint)record.Info.Size,
        ModSize = 30,
    };

    public Wire.LocateResponse Located(Wire.LocateRequest request)
    {
        Wire.LocateResponse response = new();
        response.Locations.AddRange(request.Modules.Select(module =>
            Locations.GetValueOrDefault(ModuleVersion.Create(module.Path, module.Version, out _)!)
            ?? new Wire.Location { State = Wire.Location.Types.State.Absent }));
        return response;
    }

    public void Dispose()
    {
        Identity.Dispose();
        log.Dispose();
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string H1(string text) => "h1:" + Convert.ToBase64String(Hash(text));

    private static byte[] Chunks(string content, int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => Hash($"chunk {i} {content}"))];

    private async Task<TResponse> AnswerAsync<TResponse>(object request, CallOptions options)
        where TResponse : class
    {
        Interlocked.Increment(ref calls);
        try
        {
            // What the wire would do: nobody shares memory with a peer, and no call runs on the caller's thread.
            await Task.Yield();
            object response = request switch
            {
                Wire.LocateRequest locate => await Locate(locate.Clone(), options.CancellationToken),
                Wire.VersionsRequest versions => await Versions(versions.Clone(), options.CancellationToken),
                Wire.ResolveRequest resolve => await Resolve(resolve.Clone(), options.CancellationToken),
                _ => throw new RpcException(new Status(StatusCode.Unimplemented, "")),
            };
            return (TResponse)response;
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "cancelled"));
        }
    }

    private sealed class TwinInvoker(TwinPeer twin) : CallInvoker
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            new(
                twin.AnswerAsync<TResponse>(request, options),
                Task.FromResult(new Metadata()),
                static () => Status.DefaultSuccess,
                static () => [],
                static () => { });

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();
    }
}
