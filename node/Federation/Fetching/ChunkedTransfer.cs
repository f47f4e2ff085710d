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
    private readonly int workers;

    /// <summary>Guards the holders that a worker has now.</summary>
    private readonly Lock gate = new();
    private readonly HashSet<Holder> taken = [];

    public ChunkedTransfer(Transfer transfer, ChunkedZip zip, int holders)
    {
        this.transfer = transfer;
        this.zip = zip;
        workers = Math.Min(holders, FetchLimits.ChunkStreamsOfTransfer);
        board = new ChunkBoard(zip.Chunks, workers, transfer.Time);
    }

    /// <summary>True when every chunk is verified and written; false when no holder is left.</summary>
    /// <exception cref="IOException">This node's disk.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(transfer.ZipPath, FileMode.Create, FileAccess.Write, FileShare.None);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] work = [.. Enumerable.Range(0, workers).Select(index => Task.Run(() => WorkAsync(file, index == 0, stop), CancellationToken.None))];

        // Also when one of them failed the file stays open until none writes any more.
        await Task.WhenAll(work);
        return board.IsComplete;
    }

    private async Task WorkAsync(SafeFileHandle file, bool isFirst, CancellationTokenSource stop)
    {
        if (!await transfer.Slots.EnterChunkStreamAsync(isFirst, stop.Token))
        {
            return;
        }

        try
        {
            using ChunkWriter writer = new(zip, board, file);
            while (!board.IsComplete && await HolderAsync(stop.Token) is { } holder)
            {
                await ServeAsync(holder, writer, stop.Token);
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
            transfer.Slots.ChunkStreams.Release();
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
                next = transfer.State.Next(holder => ZipIdentity.Of(holder.Record) == zip.Identity && !taken.Contains(holder));
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

            await WaitAsync(changed, next?.Pause ?? Look, cancellationToken);
        }

        return null;
    }

    private async Task ServeAsync(Holder holder, ChunkWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            double rate = 0;
            while (!board.IsComplete)
            {
                Task changed = board.Changed;
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
        finally
        {
            lock (gate)
            {
                taken.Remove(holder);
            }
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
