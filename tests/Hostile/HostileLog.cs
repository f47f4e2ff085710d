using System.Collections.Concurrent;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.OwnLog;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>The log of a hostile peer: real records under real signatures, and heads that are shown when the test says so.</summary>
internal sealed class HostileLog : IAsyncDisposable
{
    private readonly List<NodeLog> histories = [];
    private readonly SigningKey key;
    private Wire.HeadNews? shown;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostileLog(SigningKey key) => this.key = key;

    /// <summary>Heads of the first history, by size.</summary>
    public List<SignedHead> Heads { get; } = [];

    /// <summary>Heads that its own node is told to have forgotten.</summary>
    public ConcurrentQueue<byte[]> Seen { get; } = new();

    /// <summary>Whose records are given.</summary>
    private NodeLog Serving { get; set; } = null!;

    public static async Task<HostileLog> StartAsync(SigningKey key, int records)
    {
        var made = new HostileLog(key);
        made.Heads.AddRange(await made.BeginAsync(records, "genuine"));
        return made;
    }

    /// <summary>Another history under the same key; it is what is given from now on. Its heads by size.</summary>
    public Task<List<SignedHead>> ForkAsync(int records) => BeginAsync(records, "other");

    /// <param name="head">The newest, as its own node says.</param>
    /// <param name="cosigned">The newest that witnesses are said to have cosigned.</param>
    /// <param name="cosignatures">What is said to be theirs.</param>
    public void Show(SignedHead head, SignedHead? cosigned = null, params NoteSignature[] cosignatures)
    {
        var news = new Wire.HeadNews { Checkpoint = ByteString.CopyFrom(head.Checkpoint.Span), Latest = ByteString.CopyFrom(head.Latest.Span) };
        if (cosigned is not null)
        {
            news.CosignedCheckpoint = ByteString.CopyFrom(NoteOf(cosigned).With(cosignatures).ToBytes());
            news.CosignedLatest = ByteString.CopyFrom(cosigned.Latest.Span);
        }

        shown = news;
        Interlocked.Exchange(ref changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    public static SignedNote NoteOf(SignedHead head) => SignedNote.Parse(head.Checkpoint.Span, out _)!;

    public async Task WatchAsync(IServerStreamWriter<Wire.HeadNews> stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = changed.Task;
            if (shown is { } news)
            {
                await stream.WriteAsync(news, cancellationToken);
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    public async Task RecordsAsync(Wire.RecordsRequest request, IServerStreamWriter<Wire.RecordsFrame> stream)
    {
        var frame = new Wire.RecordsFrame();
        frame.Leaves.AddRange((await Serving.TextsAsync((long)request.First, (int)request.Count, default)).Select(text => new Wire.Leaf { Text = ByteString.CopyFrom(text.Span) }));
        await stream.WriteAsync(frame);
    }

    public async Task<Wire.PrefixResponse> PrefixAsync(Wire.PrefixRequest request)
    {
        var response = new Wire.PrefixResponse();
        var hashes = await PrefixProof.ProveAsync((long)request.Prefix, (long)request.Size, Serving.HashesAt((long)request.Size)!, default);
        response.Hashes.AddRange(hashes.Select(hash => ByteString.CopyFrom(hash.ToArray())));
        return response;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var history in histories)
        {
            await history.DisposeAsync();
        }
    }

    private async Task<List<SignedHead>> BeginAsync(int records, string content)
    {
        Serving = await NodeLog.OpenAsync(new MemoryLogStore(), key, null, NullLogger.Instance, default);
        histories.Add(Serving);
        List<SignedHead> heads = [Serving.Head!];
        for (var i = 0; i < records; i++)
        {
            await Serving.AppendAsync(SampleRecord.Of(i, content), default, default);
            heads.Add(Serving.Head!);
        }

        return heads;
    }
}
