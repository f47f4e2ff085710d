using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Answers Records and Prefix. To outsiders a private record is its leaf hash.</summary>
internal sealed class RecordAnswers(ServedLogs logs, PrivateGate gate, PeerLimits limits, EgressPacer pacer, TimeProvider time)
{
    public const int MaxCount = 16_384;

    /// <summary>Bytes at which a frame is sent; with the largest record on top it is far below what the protocol allows.</summary>
    private const int FrameSize = 60 << 10;

    /// <summary>Records read at once.</summary>
    private const int Page = 256;

    /// <summary>Records for the price of one plain call: about as long as those take.</summary>
    private const int RecordsOfACall = 256;

    /// <summary>Of a leaf in a frame beside its bytes.</summary>
    private const int LeafOverhead = 8;

    public async Task RecordsAsync(ServedCall call, Wire.RecordsRequest request, IServerStreamWriter<Wire.RecordsFrame> frames)
    {
        if (request.Count is 0 or > MaxCount)
        {
            throw Refusal.Invalid($"a request is for 1 to {MaxCount} records, not {request.Count}");
        }

        IReadableLog log = Find(request.Log);
        long size = log.Head?.Tree.Size ?? 0;
        if (request.First >= (ulong)size)
        {
            throw Refusal.NotHeld($"the record {request.First} of the log");
        }

        limits.Charge(call.Peer, (int)request.Count / RecordsOfACall);
        long end = Math.Min(size, (long)request.First + request.Count);
        await using StreamSender<Wire.RecordsFrame> sender = new(call, frames, pacer, time);
        Wire.RecordsFrame frame = new();
        int bytes = 0;
        for (long at = (long)request.First; at < end;)
        {
            IReadOnlyList<MirrorLeaf> page = await log.LeavesAsync(at, (int)Math.Min(Page, end - at), call.Cancelled);
            if (page.Count == 0)
            {
                break;
            }

            foreach (MirrorLeaf leaf in page)
            {
                Wire.Leaf told = Tell(leaf, call.Peer, request.Vouched);
                frame.Leaves.Add(told);
                bytes += told.Text.Length + told.Hash.Length + LeafOverhead;
                if (bytes >= FrameSize)
                {
                    await sender.SendAsync(frame, call.Cancelled);
                    (frame, bytes) = (new Wire.RecordsFrame(), 0);
                }
            }

            at += page.Count;
        }

        if (bytes > 0)
        {
            await sender.SendAsync(frame, call.Cancelled);
        }
    }

    public async Task<Wire.PrefixResponse> PrefixAsync(ServedCall call, Wire.PrefixRequest request)
    {
        if (request.Size > MerkleTree.MaxSize || request.Prefix > request.Size)
        {
            throw Refusal.Invalid("the smaller tree is no larger than the larger one");
        }

        IHashReader hashes = Find(request.Log).HashesAt((long)request.Size) ?? throw Refusal.NotHeld($"a tree of {request.Size} records of the log");
        Wire.PrefixResponse response = new();
        foreach (MerkleHash hash in await PrefixProof.ProveAsync((long)request.Prefix, (long)request.Size, hashes, call.Cancelled))
        {
            response.Hashes.Add(UnsafeByteOperations.UnsafeWrap(hash.ToArray()));
        }

        return response;
    }

    private IReadableLog Find(string name) => logs.Find(name) ?? throw Refusal.NotHeld("the log");

    private Wire.Leaf Tell(MirrorLeaf leaf, PeerOptions peer, bool withVouched) =>
        leaf.Text is { } text && RecordLines.IsFor(text.Span, gate, peer) && (withVouched || !RecordLines.IsVouched(text.Span))
            ? new Wire.Leaf { Text = UnsafeByteOperations.UnsafeWrap(text) }
            : new Wire.Leaf { Hash = UnsafeByteOperations.UnsafeWrap(leaf.Hash.ToArray()) };
}
