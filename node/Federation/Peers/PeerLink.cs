using System.Net;
using Athens.Federation.Node.Transparency;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>A connection over which the peer has said who it is; its identity key was compared with the pinned one.</summary>
/// <param name="Client">Calls over this connection; an answer is at most <see cref="MaxAnswer"/> bytes.</param>
/// <param name="Lists">The same for answers about many module versions at once, of at most <see cref="MaxList"/> bytes.</param>
/// <param name="Log">Checks what the peer's log key has signed.</param>
/// <param name="OnLan">The other end is this machine, or in one of its own networks.</param>
/// <param name="Logs">Calls about logs over this connection; null where there are none.</param>
internal sealed record PeerLink(
    Wire.PeerService.PeerServiceClient Client,
    Wire.PeerService.PeerServiceClient Lists,
    NoteVerifier Log,
    bool OnLan,
    Wire.LogService.LogServiceClient? Logs = null)
{
    /// <summary>Calls about evidence over this connection; null where there are none.</summary>
    public Wire.EvidenceService.EvidenceServiceClient? Evidence { get; init; }

    /// <summary>Calls for cosignatures over this connection; null where there are none.</summary>
    public Wire.WitnessService.WitnessServiceClient? Witness { get; init; }

    /// <summary>Calls about the pool over this connection; null where there are none.</summary>
    public Wire.PoolService.PoolServiceClient? Pool { get; init; }

    /// <summary>The peer's witness key, as it said; 32 bytes, or not one that can be used.</summary>
    public ReadOnlyMemory<byte> WitnessKey { get; init; }

    /// <summary>The other end.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>A frame of 256 KiB, a record with its chunk list (32 KiB) and an .info (64 KiB) are all below it.</summary>
    public const int MaxAnswer = 320 << 10;

    /// <summary>64 locations of zips of the largest size come to 2 MiB, a hundred thousand versions to less than 4.</summary>
    public const int MaxList = 4 << 20;
}
