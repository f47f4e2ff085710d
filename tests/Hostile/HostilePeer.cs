using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Storage;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>Answers one Fetch in whatever way.</summary>
internal delegate Task ServeFetch(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context);

/// <summary>One Fetch as a hostile peer sees it: what was asked for, and what an honest peer would send.</summary>
internal sealed record Served(Wire.FetchRequest Request, SampleModule Module, byte[] File)
{
    public int Offset => (int)Request.Offset;

    public int Length => Request.Length == 0 ? File.Length - Offset : (int)Request.Length;

    public bool IsZip => Request.File == Wire.FetchRequest.Types.File.Zip;
}

/// <summary>What a hostile peer is and says: real keys and real records. Honest as made; a case replaces a part of it.</summary>
internal sealed class HostilePeer : IDisposable
{
    private const int FrameSize = 64 << 10;

    private readonly ConcurrentDictionary<ModuleVersion, (SampleModule Module, byte[] Zip)> held = new();
    private int lies;
    private int calls;

    /// <param name="name">Of the peer.</param>
    /// <param name="logName">Of its log; the peer's own when none is given.</param>
    public HostilePeer(string name, string? logName = null)
    {
        Name = name;
        Identity = SigningKey.Create($"{name}/identity");
        Log = SigningKey.Create(logName ?? name);
        Fetch = HonestAsync;
        Locate = request => Task.FromResult(Located(request));
        Versions = request => new Wire.VersionsResponse { Versions = { held.Keys.Where(module => module.Path == request.Path).Select(module => module.Version) } };
        Resolve = static _ => throw new RpcException(new Status(StatusCode.NotFound, "not held"));
    }

    public string Name { get; }

    public SigningKey Identity { get; }

    public SigningKey Log { get; }

    public PeerKey Key => PeerKey.Of(Identity.PublicKey.Span);

    /// <summary>Shown in handshakes; null: a genuine one of its own.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Calls that were answered with a lie.</summary>
    public int Lies => Volatile.Read(ref lies);

    /// <summary>Fetch calls of any kind.</summary>
    public int Fetches { get; private set; }

    /// <summary>Calls of any method.</summary>
    public int Calls => Volatile.Read(ref calls);

    public Func<Wire.WhoAreYouResponse, Wire.WhoAreYouResponse> Hello { get; set; } = static hello => hello;

    public Func<Wire.LocateRequest, Task<Wire.LocateResponse>> Locate { get; set; }

    /// <summary>What it states of a zip and its hashes before it signs.</summary>
    public Func<ModuleRecord, ModuleRecord> Sign { get; set; } = static record => record;

    /// <summary>Its zip of a module version.</summary>
    public Func<SampleModule, byte[]> Zip { get; set; } = static module => module.Zip;

    public Func<Wire.Location, Wire.Location> Tell { get; set; } = static location => location;

    public Func<Wire.VersionsRequest, Wire.VersionsResponse> Versions { get; set; }

    public Func<Wire.ResolveRequest, Wire.ResolveResponse> Resolve { get; set; }

    public ServeFetch Fetch { get; set; }

    /// <summary>The log that it keeps; null: it tells nothing of logs.</summary>
    public HostileLog? Kept { get; set; }

    /// <summary>Relays logs of others; null: it relays none.</summary>
    public Func<Wire.WatchRelayedRequest, IServerStreamWriter<Wire.RelayedHead>, CancellationToken, Task>? WatchRelayed { get; set; }

    /// <summary>Answers who asks it to witness a log; null: it witnesses none.</summary>
    public Func<Wire.AddCheckpointRequest, Wire.AddCheckpointResponse>? Cosign { get; set; }

    /// <summary>Tells of the pool who watches it; null: it tells nothing.</summary>
    public Func<IServerStreamWriter<Wire.PoolNews>, CancellationToken, Task>? WatchPool { get; set; }

    /// <summary>Answers a request below gRPC, when it gives a task.</summary>
    public Func<HttpContext, Task?> Raw { get; set; } = static _ => null;

    public void Hold(SampleModule module) => held[module.Module] = (module, Zip(module));

    /// <summary>From now on Fetch is answered with a lie where <paramref name="isLie"/> says so.</summary>
    public void Lie(ServeFetch lie, Func<Served, bool>? isLie = null) => Fetch = (served, frames, context) =>
    {
        if (isLie?.Invoke(served) == false)
        {
            return HonestAsync(served, frames, context);
        }

        Told();
        return lie(served, frames, context);
    };

    public void Called() => Interlocked.Increment(ref calls);

    /// <summary>Counts a lie.</summary>
    public void Told() => Interlocked.Increment(ref lies);

    public Task FetchAsync(Wire.FetchRequest request, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context)
    {
        Fetches++;
        (SampleModule module, byte[] zip) = held[Named(request.Module)];
        byte[] file = request.File switch
        {
            Wire.FetchRequest.Types.File.Info => module.Info,
            Wire.FetchRequest.Types.File.Mod => module.Mod,
            _ => zip,
        };
        return Fetch(new Served(request, module, file), frames, context);
    }

    public static Task HonestAsync(Served served, IServerStreamWriter<Wire.FetchFrame> frames, ServerCallContext context) =>
        SendAsync(served, served.Offset + served.Length, frames, context.CancellationToken);

    /// <summary>Right bytes up to a place in the file.</summary>
    public static async Task SendAsync(Served served, int end, IServerStreamWriter<Wire.FetchFrame> frames, CancellationToken cancellationToken)
    {
        for (int at = served.Offset; at < end; at += FrameSize)
        {
            int size = Math.Min(FrameSize, end - at);
            await frames.WriteAsync(
                new Wire.FetchFrame { Data = ByteString.CopyFrom(served.File, at, size), Size = at == served.Offset ? (ulong)served.File.Length : 0 },
                cancellationToken);
        }
    }

    public Wire.LocateResponse Located(Wire.LocateRequest request)
    {
        Wire.LocateResponse response = new();
        response.Locations.AddRange(request.Modules.Select(module =>
            held.TryGetValue(Named(module), out var found) ? Tell(Location(found.Module, found.Zip)) : new Wire.Location { State = Wire.Location.Types.State.Absent }));
        return response;
    }

    public bool Holds(Wire.LocateRequest request) => request.Modules.Any(module => held.ContainsKey(Named(module)));

    public Wire.Location Location(SampleModule module) => Location(module, module.Zip);

    private Wire.Location Location(SampleModule module, byte[] zip)
    {
        byte[] chunks = ChunksOf(zip);
        ModuleRecord record = Sign(Record(module, zip, chunks));
        return new Wire.Location
        {
            State = Wire.Location.Types.State.Held,
            Record = Note(record),
            ZipSha256 = ByteString.CopyFrom(Convert.FromHexString(record.Zip.Sha256)),
            ZipSize = (ulong)record.Zip.Size,
            Chunks = ByteString.CopyFrom(chunks),
            InfoSize = (uint)record.Info.Size,
            ModSize = (uint)module.Mod.Length,
        };
    }

    public ByteString Note(ModuleRecord record) => ByteString.CopyFrom(SignedNote.Sign(record.ToText(), Log));

    public ModuleRecord Record(SampleModule module) => Record(module, module.Zip, ChunksOf(module.Zip));

    public static byte[] ChunksOf(byte[] zip) =>
        zip.Length < ChunkRules.LeastZip ? [] : [.. zip.Chunk(ChunkRules.ChunkSize).SelectMany(static chunk => SHA256.HashData(chunk))];

    public void Dispose()
    {
        Identity.Dispose();
        Log.Dispose();
        Certificate?.Dispose();
    }

    private static ModuleRecord Record(SampleModule module, byte[] zip, byte[] chunks) => new()
    {
        Module = module.Module,
        ZipHash = module.Facts.ZipHash,
        ModHash = module.Facts.ModHash,
        Zip = new RecordedFile(Convert.ToHexStringLower(SHA256.HashData(zip)), zip.Length),
        Info = new RecordedFile(module.Facts.Info.Sha256, module.Facts.Info.Size),
        ChunkRoot = chunks.Length == 0 ? null : ChunkRules.RootOf(chunks),
        Provenance = "2026-11-20T16:56:00Z direct go1.23.5",
    };

    private static ModuleVersion Named(Wire.ModuleVersion module) => ModuleVersion.Create(module.Path, module.Version, out _)!;
}
