using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Telemetry;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Provenance.Mirrors;

/// <summary>Mirrors over a store of a test's, opened again as often as it wants.</summary>
internal sealed class MirrorRig : IIncidents, IDisposable
{
    private readonly LogCapture capture = new();
    private readonly ILoggerFactory loggers;

    public MirrorRig(IMirrorStore? store = null)
    {
        Store = store ?? new MemoryMirrorStore();
        loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(capture));
    }

    public IMirrorStore Store { get; }

    public MirrorSet Set { get; private set; } = null!;

    /// <summary>Evidence that was reported; all of it proves what it says.</summary>
    public List<byte[]> Reported { get; } = [];

    /// <summary>Keys in quarantine.</summary>
    public List<string> Quarantined { get; } = [];

#pragma warning disable CS0067 // Nobody listens here.
    public event Action? Changed;
#pragma warning restore CS0067

    public IReadOnlyList<CapturedLine> Log => capture.Lines;

    /// <summary>The mirror of a log as the next start finds it, followed as that of peer "a".</summary>
    public async Task<Mirror> OpenAsync(NoteVerifier key, bool isTrusted = true)
    {
        Set?.Dispose();
        Set = await MirrorSet.OpenAsync(Store, this, loggers.CreateLogger("mirrors"), default);
        var mirror = (await Set.AddAsync(key, "ed25519:owner", default))!;
        mirror.Followed = new FollowedLog(key, "a", "", isTrusted);
        return mirror;
    }

    public ValueTask<string?> ReportAsync(ReadOnlyMemory<byte> evidence, CancellationToken cancellationToken)
    {
        Assert.NotNull(EvidenceVerifier.Verify(evidence.Span, out var reason));
        Assert.Null(reason);
        Reported.Add(evidence.ToArray());
        return ValueTask.FromResult<string?>(Evidence.IdOf(evidence.Span));
    }

    public string? WhyQuarantined(ModuleVersion module) => null;

    public string? WhyQuarantined(NoteVerifier logKey) => Quarantined.Contains(logKey.ToString()) ? "in quarantine" : null;

    public void Dispose()
    {
        Set?.Dispose();
        loggers.Dispose();
    }
}

/// <summary>A log as a holder gives it, unless a test changes it.</summary>
internal sealed class LogSource(NodeLog log) : IMirrorSource
{
    private readonly OwnReadableLog readable = new(log);

    public Func<long, MirrorLeaf, MirrorLeaf> Leaf { get; set; } = (_, leaf) => leaf;

    /// <summary>Called before leaves are given; may throw.</summary>
    public Action<long> Asked { get; set; } = _ => { };

    public Func<IReadOnlyList<MerkleHash>, IReadOnlyList<MerkleHash>> Proof { get; set; } = proof => proof;

    public async Task<IReadOnlyList<MirrorLeaf>> LeavesAsync(long first, int count, CancellationToken cancellationToken)
    {
        Asked(first);
        return [.. (await readable.LeavesAsync(first, count, cancellationToken)).Select((leaf, i) => Leaf(first + i, leaf))];
    }

    public async Task<IReadOnlyList<MerkleHash>> PrefixAsync(long prefix, long size, CancellationToken cancellationToken) =>
        Proof(await PrefixProof.ProveAsync(prefix, size, readable.HashesAt(size)!, cancellationToken));
}
