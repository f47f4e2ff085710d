using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Provenance.Witnessing;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Witnessing;

/// <summary>One peer that is asked to cosign this node's heads: what it cosigned last, and when it may be asked again.</summary>
internal sealed class AskedWitness(Peer peer, NodeLog log, PeerCalls calls, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Bytes of a checkpoint that a peer says it knows.</summary>
    private const int MaxKnown = 64 << 10;

    private const int MaxLines = 2 << 10;

    private TreeHead? cosigned;
    private long knownSize;
    private TimeSpan pause;
    private long failedAt;
    private string? said;

    /// <summary>Whether it has not cosigned this head and may be asked now.</summary>
    public bool IsDue(TreeHead head) => peer.IsAvailable && cosigned != head && (pause == TimeSpan.Zero || time.GetElapsedTime(failedAt) >= pause);

    /// <summary>Asks once, and again when the peer knows another size. The cosignature, checked, or null.</summary>
    public async Task<NoteSignature?> AskAsync(SignedHead head, CancellationToken cancellationToken)
    {
        string? reason = "it knows another size at each turn";
        for (int turn = 0; turn < 2; turn++)
        {
            PeerAnswer<Wire.AddCheckpointResponse> answer = await calls.AddCheckpointAsync(peer, await RequestAsync(head, cancellationToken), cancellationToken);
            if (answer.Value is not { } response)
            {
                reason = answer.Reason;
                break;
            }

            if (!response.Cosignatures.IsEmpty)
            {
                return Take(head, response.Cosignatures);
            }

            if (!await LearnAsync(head, response, cancellationToken))
            {
                reason = $"it knows a head of {response.KnownSize} records";
                break;
            }
        }

        Failed(reason);
        return null;
    }

    private async Task<Wire.AddCheckpointRequest> RequestAsync(SignedHead head, CancellationToken cancellationToken)
    {
        IHashReader hashes = log.HashesAt(head.Tree.Size) ?? throw new IOException("signing has stopped");
        MerkleHash[] proof = await ConsistencyProof.ProveAsync(knownSize, head.Tree.Size, hashes, cancellationToken);

        // The log's signature alone: a witness needs no other.
        SignedNote note = SignedNote.Parse(head.Checkpoint.Span, out string? reason) ?? throw new InvalidOperationException(reason);
        return new Wire.AddCheckpointRequest { Body = UnsafeByteOperations.UnsafeWrap(new WitnessRequest(knownSize, proof, SignedHeads.OnlyOf(note, log.Key)).Format()) };
    }

    private NoteSignature? Take(SignedHead head, ByteString lines)
    {
        if (lines.Length > MaxLines
            || NoteSignature.ParseLines(lines.ToStringUtf8(), out _) is not { } signatures
            || SignedNote.Parse(head.Checkpoint.Span, out _) is not { } note
            || signatures.FirstOrDefault(signature => WitnessRule.TimeOf(note.With(signature), peer.LastWitness) is not null) is not { } good)
        {
            peer.Failed(PeerFault.Lied, "its cosignature is not by its witness key");
            Failed("its cosignature is wrong");
            return null;
        }

        if (cosigned is null)
        {
            logger.Witnessed(peer.Options.Name, head.Tree.Size);
        }

        (cosigned, knownSize, pause, said) = (head.Tree, head.Tree.Size, TimeSpan.Zero, null);
        return good;
    }

    /// <summary>True when it makes sense to ask again at once.</summary>
    private async Task<bool> LearnAsync(SignedHead head, Wire.AddCheckpointResponse response, CancellationToken cancellationToken)
    {
        if (response.KnownSize <= (ulong)head.Tree.Size && (long)response.KnownSize != knownSize)
        {
            knownSize = (long)response.KnownSize;
            return true;
        }

        // It cosigned what this log does not have, or says so: if the log's key signed that, signing stops.
        if (!response.Known.IsEmpty && response.Known.Length <= MaxKnown)
        {
            await log.CompareAsync(response.Known.Memory, cancellationToken);
        }

        return false;
    }

    private void Failed(string reason)
    {
        failedAt = time.GetTimestamp();
        pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
        if (!string.Equals(said, reason, StringComparison.Ordinal))
        {
            said = reason;
            logger.NotWitnessed(peer.Options.Name, reason);
        }
    }
}
