using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>Brings a large zip from several of its holders at once, a stream each.</summary>
internal sealed class ChunkedTransfer
{
    /// <summary>An idle worker looks so often whether somebody has become slow.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Transfer transfer;
    private readonly ChunkedZip zip;
    private readonly ChunkBoard board;

    /// <summary>Guards the holders that a worker has now.</summary>
    private readonly Lock gate = new();
    private readonly HashSet<Holder> taken = [];

    public ChunkedTransfer(Transfer transfer, ChunkedZip zip)
    {
        this.transfer = transfer;
        this.zip = zip;
        board = new ChunkBoard(zip.Chunks, Streams, transfer.Time);
    }

    /// <summary>As many as holders of this zip are known by now, within the bound.</summary>
    private int Streams => Math.Min(transfer.State.Holders.Count(IsOfZip), FetchLimits.ChunkStreamsOfTransfer);

    /// <summary>True when every chunk is verified and written; false when no holder is left.</summary>
    /// <exception cref="IOException">This node's disk.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(transfer.ZipPath, FileMode.Create, FileAccess.Write, FileShare.None);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // Also those for which there is no holder yet: one may turn up.
        Task[] work = [.. Enumerable.Range(0, FetchLimits.ChunkStreamsOfTransfer).Select(index => Task.Run(() => WorkAsync(file, index == 0, stop), CancellationToken.None))];

        // Also when one of them failed the file stays open until none writes any more.
        await Task.WhenAll(work);
        return board.IsComplete;
    }

    private async Task WorkAsync(SafeFileHandle file, bool isFirst, CancellationTokenSource stop)
    {
        bool hasPlace = isFirst && await transfer.Slots.EnterChunkStreamAsync(isFirst, stop.Token);
        try
        {
            while (!board.IsComplete && await HolderAsync(stop.Token) is { } holder)
            {
                try
                {
                    hasPlace = hasPlace || await transfer.Slots.EnterChunkStreamAsync(isFirst, stop.Token);
                    if (!hasPlace)
                    {
                        return;
                    }

                    await ServeAsync(holder, file, stop.Token);
                }
                finally
                {
                    GiveBack(holder);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The disk: the other workers would only fail as well.
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            if (hasPlace)
            {
                transfer.Slots.ChunkStreams.Release();
            }
        }
    }

    /// <summary>A holder of this zip that no other worker has; null when none is left and no other worker may give one back.</summary>
    private async Task<Holder?> HolderAsync(CancellationToken cancellationToken)
    {
        while (!board.IsComplete)
        {
            Task changed = board.Changed;
            (Holder Holder, TimeSpan Pause)? next;
            bool isLast;
            lock (gate)
            {
                next = transfer.State.Next(holder => IsOfZip(holder) && !taken.Contains(holder));
                isLast = taken.Count == 0;
                if (next is { } free && free.Pause == TimeSpan.Zero)
                {
                    taken.Add(free.Holder);
                    return free.Holder;
                }
            }

            if (next is null && isLast)
            {
                return null;
            }

            await WaitAsync(changed, next?.Pause < Look ? next.Value.Pause : Look, cancellationToken);
        }

        return null;
    }

    private bool IsOfZip(Holder holder) => ZipIdentity.Of(holder.Record) == zip.Identity;

    private void GiveBack(Holder holder)
    {
        lock (gate)
        {
            taken.Remove(holder);
        }
    }

    private async Task ServeAsync(Holder holder, SafeFileHandle file, CancellationToken cancellationToken)
    {
        using ChunkWriter writer = new(zip, board, file);
        double rate = 0;
        while (!board.IsComplete)
        {
            Task changed = board.Changed;
            board.Workers = Streams;
            if (board.Take(rate) is not { } run)
            {
                await WaitAsync(changed, Look, cancellationToken);
                continue;
            }

            using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Over.Token);
            CheckedStream stream = transfer.Open(holder, RequestFor(run), () => board.PoorRate, over.Token);
            if (!await BringAsync(stream, run, writer, cancellationToken))
            {
                return;
            }

            rate = stream.Taken / Math.Max(stream.Elapsed.TotalSeconds, 1e-3);
        }
    }

    /// <summary>False when the holder is not to be asked again at once.</summary>
    private async Task<bool> BringAsync(CheckedStream stream, ChunkRun run, ChunkWriter writer, CancellationToken cancellationToken)
    {
        writer.Begin();
        try
        {
            while (await stream.ReadAsync() is { Length: > 0 } bytes)
            {
                run.Came(bytes.Length);
                if (!writer.Take(run, bytes.Span))
                {
                    break;
                }
            }

            if (stream.IsWhole)
            {
                // Nothing may follow.
                await stream.ReadAsync();
            }

            transfer.State.Gave(stream);
            transfer.Hedging.Rates.Add(stream.Taken, stream.Elapsed);
            return true;
        }
        catch (HolderFailedException failure)
        {
            transfer.State.Count(stream.Holder, writer.Verified);
            transfer.State.Failed(stream.Holder, failure, "the zip");
            transfer.Struggling();
            return false;
        }
        catch (OperationCanceledException)
        {
            transfer.State.Count(stream.Holder, writer.Verified);
            bool crawled = transfer.State.Overtaken(stream, "the zip");
            cancellationToken.ThrowIfCancellationRequested();
            return !crawled;
        }
        finally
        {
            board.Return(run);
            transfer.Abandon(stream);
        }
    }

    private FileRequest RequestFor(ChunkRun run)
    {
        long offset = (long)run.First * ChunkRules.ChunkSize;
        long end = Math.Min((long)run.End * ChunkRules.ChunkSize, zip.Identity.Size);
        return new FileRequest(transfer.Module, Retrieval.ModuleFileKind.Zip, zip.Identity.Size, zip.Identity.Sha256)
        {
            Offset = offset,
            Length = end - offset,
        };
    }

    private async Task WaitAsync(Task changed, TimeSpan most, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(most, transfer.Time, over.Token));
        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
