namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// The bounds of fetching from peers. Together they bound its memory: <see cref="MostTransfers"/> transfers with
/// <see cref="StreamsOfSmallFiles"/> streams of one frame each, <see cref="MostChunkStreams"/> streams with a chunk and a
/// frame each, <see cref="MostLargeMods"/> go.mod files of 16 MiB, and <see cref="LargeMod"/> bytes for every other one:
/// <see cref="MostMemory"/> bytes, whatever peers send. (What HTTP/2 buffers for a stream is bounded by its window.)
/// </summary>
internal static class FetchLimits
{
    /// <summary>The largest frame (federation.proto, FetchFrame).</summary>
    public const int MostFrame = 256 << 10;

    /// <summary>Module versions that are fetched from peers at once; a build's misses beyond it wait for their turn.</summary>
    public const int MostTransfers = 64;

    /// <summary>.info, .mod, zip, and a hedge for one of them.</summary>
    public const int StreamsOfSmallFiles = 4;

    /// <summary>Streams of chunks at once, all transfers together: 40 MiB of buffers. Two saturate a disk, a dozen the line to a far peer.</summary>
    public const int MostChunkStreams = 32;

    /// <summary>Of these for one transfer: more holders at once do not make a zip come faster, they only share its last chunks.</summary>
    public const int ChunkStreamsOfTransfer = 4;

    /// <summary>Honest go.mod files are hundreds of kilobytes at most. A larger one has to wait for one of few places.</summary>
    public const int LargeMod = 1 << 20;

    public const int MostLargeMods = 2;

    /// <summary>The most that this room holds in memory of what peers send.</summary>
    public const long MostMemory =
        ((long)MostTransfers * ((StreamsOfSmallFiles * MostFrame) + (2 * LargeMod)))
        + (MostChunkStreams * (long)(MostFrame + Provenance.ChunkRules.ChunkSize))
        + (MostLargeMods * 2L * Retrieval.GoModFile.MaxSize);

    /// <summary>Different zips of one module version that are tried before peers are given up: honest pools have one or two.</summary>
    public const int MostZips = 3;

    /// <summary>A holder whose connection breaks, or that is slow, is asked so often, the last times only when nobody else is left.</summary>
    public const int MostTries = 2;

    /// <summary>Waiting for holders that say "busy", in one transfer: longer than this, upstream is the better answer.</summary>
    public static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(20);

    /// <summary>The shortest wait for a busy holder: no polling in circles, whatever it says.</summary>
    public static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest that a holder's hint may make one wait last.</summary>
    public static readonly TimeSpan MostPause = TimeSpan.FromSeconds(5);

    /// <summary>After a broken connection: reconnecting takes about as long.</summary>
    public static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(250);

    /// <summary>A whole file has come and only the stream's end is missing: nothing depends on it, so nothing waits for it longer.</summary>
    public static readonly TimeSpan EndPatience = TimeSpan.FromMilliseconds(100);
}
