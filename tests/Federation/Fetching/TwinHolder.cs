using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Retrieval;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>A holder in memory. Honest as made; a test replaces what it says or does.</summary>
internal sealed class TwinHolder
{
    private int open;

    public TwinHolder(string name, GenuineModule module, byte[]? zip = null, PeerTrust trust = PeerTrust.Observe)
    {
        Name = name;
        Module = module;
        Zip = zip ?? module.Zip;
        Info = module.Info;
        Mod = module.Mod;
        Peer = new Peer(
            new PeerOptions(name, "127.0.0.1:1", PeerKey.Of(SHA256.HashData([.. name.Select(static letter => (byte)letter)])), "org", trust),
            TimeProvider.System,
            Log);
        Serve = HonestAsync;
    }

    public string Name { get; }

    public GenuineModule Module { get; }

    public Peer Peer { get; }

    /// <summary>What is logged of it as a peer.</summary>
    public ListLogger Log { get; } = new();

    /// <summary>Proven lies that were logged.</summary>
    public IReadOnlyList<string> Lies => [.. Log.Lines.Where(static line => line.Level == LogLevel.Error).Select(static line => line.Text)];

    public byte[] Zip { get; set; }

    public byte[] Info { get; set; }

    public byte[] Mod { get; set; }

    /// <summary>What it has signed; true of its files unless a test says otherwise.</summary>
    public Func<ModuleRecord, ModuleRecord> Sign { get; set; } = static record => record;

    public Func<Wire.Location, Wire.Location> Locate { get; set; } = static location => location;

    public Func<FileRequest, CancellationToken, IAsyncEnumerable<ArrivedFrame>> Serve { get; set; }

    public int FrameSize { get; set; } = 64 << 10;

    public ConcurrentQueue<FileRequest> Asked { get; } = new();

    /// <summary>Bytes that were taken from it.</summary>
    public long Given { get; private set; }

    /// <summary>Streams that have not ended and were not disposed.</summary>
    public int Open => Volatile.Read(ref open);

    public Holder Holder()
    {
        ModuleRecord record = Sign(new ModuleRecord
        {
            Module = Module.Module,
            ZipHash = Module.ZipHash,
            ModHash = Module.ModHash,
            Zip = new RecordedFile(Sha(Zip), Zip.Length),
            Info = new RecordedFile(Sha(Info), Info.Length),
            ChunkRoot = Zip.Length < ChunkRules.LeastZip ? null : ChunkRules.RootOf(ChunksOf(Zip)),
            Provenance = "2026-11-20T16:56:00Z direct go1.23.5",
        });
        return new Holder(Peer, NoteVerifier.Of(Name, Peer.Options.Key.Bytes.Span), Locate(new Wire.Location
        {
            State = Wire.Location.Types.State.Held,
            Chunks = ByteString.CopyFrom(Zip.Length < ChunkRules.LeastZip ? [] : ChunksOf(Zip)),
            InfoSize = (uint)Info.Length,
            ModSize = (uint)Mod.Length,
        }), record);
    }

    public byte[] this[ModuleFileKind kind] => kind switch
    {
        ModuleFileKind.Info => Info,
        ModuleFileKind.Mod => Mod,
        _ => Zip,
    };

    public async IAsyncEnumerable<ArrivedFrame> OpenAsync(
        FileRequest request, Action begun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Asked.Enqueue(request);
        begun();
        Interlocked.Increment(ref open);
        try
        {
            await foreach (ArrivedFrame frame in Serve(request, cancellationToken).WithCancellation(cancellationToken))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Given += frame.Data.Length;
                yield return frame;
            }
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    /// <summary>What federation.proto asks for.</summary>
    public async IAsyncEnumerable<ArrivedFrame> HonestAsync(FileRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] file = this[request.File];
        if (request.Sha256.Length > 0 && Sha(file) != request.Sha256)
        {
            throw new HolderFailedException(PeerFault.Protocol, "FailedPrecondition: another file");
        }

        await foreach (ArrivedFrame frame in FramesAsync(file, request.Offset, request.Length, FrameSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return frame;
        }
    }

    public static async IAsyncEnumerable<ArrivedFrame> FramesAsync(byte[] file, long offset, long length, int frameSize)
    {
        for (long at = offset; at < offset + length; at += frameSize)
        {
            await Task.Yield();
            int size = (int)Math.Min(frameSize, offset + length - at);
            yield return new ArrivedFrame(file.AsMemory((int)at, size), at == offset ? (ulong)file.Length : 0);
        }
    }

    public static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static byte[] ChunksOf(byte[] zip) =>
        [.. zip.Chunk(ChunkRules.ChunkSize).SelectMany(static chunk => SHA256.HashData(chunk))];
}
