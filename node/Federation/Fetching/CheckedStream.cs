using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// One Fetch call that is held to what was agreed: the file's size, the bytes asked for and not one more, frames of a
/// lawful size, and a pace. One reader.
/// </summary>
internal sealed class CheckedStream : IAsyncDisposable
{
    /// <summary>How often the pace is looked at.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly FileRequest request;
    private readonly TimeProvider time;
    private readonly Action struggling;
    private readonly CancellationTokenSource stop;
    private readonly CancellationToken caller;
    private readonly IAsyncEnumerator<ArrivedFrame> frames;
    private readonly ITimer watch;
    private long start;
    private (string Reason, bool IsFault)? tooSlow;
    private Task? beginning;
    private PeerFault? fault;
    private bool isFirst = true;
    private bool isDisposed;
    private ReadOnlyMemory<byte> unread;

    private CheckedStream(IHolderStreams streams, Holder holder, FileRequest request, StreamConduct conduct, CancellationToken cancellationToken)
    {
        Holder = holder;
        this.request = request;
        time = conduct.Time;
        struggling = conduct.Struggling;
        caller = cancellationToken;
        Pace = new Pace(time, request.Length, conduct.LeastRate);
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        frames = streams.OpenAsync(holder, request, Begin, stop.Token).GetAsyncEnumerator(stop.Token);
        watch = time.CreateTimer(static state => ((CheckedStream)state!).Look(), this, Tick, Timeout.InfiniteTimeSpan);
    }

    public Holder Holder { get; }

    public Pace Pace { get; }

    /// <summary>Bytes that have come and were in order.</summary>
    public long Taken { get; private set; }

    /// <summary>From the call to the first bytes.</summary>
    public TimeSpan FirstAnswer { get; private set; }

    /// <summary>Since it was this call's turn.</summary>
    public TimeSpan Elapsed => start == 0 ? TimeSpan.Zero : time.GetElapsedTime(start);

    public bool IsWhole => Taken == request.Length;

    public bool IsOfZip => request.File == ModuleFileKind.Zip;

    public static CheckedStream Open(
        IHolderStreams streams, Holder holder, FileRequest request, StreamConduct conduct, CancellationToken cancellationToken) =>
        new(streams, holder, request, conduct, cancellationToken);

    /// <summary>Waits for the first bytes, without taking them.</summary>
    public Task BeginAsync() => beginning ??= FirstAsync();

    /// <summary>The next bytes, good until the next call; empty when all that was asked for has come.</summary>
    /// <exception cref="HolderFailedException">The holder did not keep to what was agreed.</exception>
    /// <exception cref="OperationCanceledException">The caller's token.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        if (unread.Length > 0)
        {
            ReadOnlyMemory<byte> first = unread;
            unread = default;
            return first;
        }

        if (IsWhole)
        {
            await EndAsync();
            return default;
        }

        return await NextAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        await watch.DisposeAsync();
        await stop.CancelAsync();
        try
        {
            // An enumerator cannot be disposed while it moves.
            await (beginning ?? Task.CompletedTask);
        }
        catch (Exception e) when (e is OperationCanceledException or HolderFailedException)
        {
            // Whoever waited for it has been told.
        }

        try
        {
            await frames.DisposeAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or HolderFailedException)
        {
            // The call was over for this node already.
        }

        Meters.PeerBytes(fault?.ToString() ?? (IsWhole ? "whole" : "cut"), Taken);
        stop.Dispose();
    }

    private async Task FirstAsync() => unread = await NextAsync();

    private async ValueTask<ReadOnlyMemory<byte>> NextAsync()
    {
        try
        {
            if (!await MoveAsync())
            {
                throw new HolderFailedException(PeerFault.Protocol, $"the stream ended after {Taken} of {request.Length} bytes");
            }

            return Accept(frames.Current);
        }
        catch (HolderFailedException failure)
        {
            fault = failure.Fault;
            throw;
        }
    }

    private async ValueTask<bool> MoveAsync()
    {
        if (start != 0)
        {
            Pace.Wait();
        }

        int came = 0;
        try
        {
            bool more = await frames.MoveNextAsync();
            came = more ? frames.Current.Data.Length : 0;
            return more;
        }
        catch (Exception e) when (e is OperationCanceledException or HolderFailedException
            && tooSlow is not null && !caller.IsCancellationRequested)
        {
            throw new HolderFailedException(PeerFault.Slow, tooSlow.Value.Reason, e) 
            {
                IsOwnLimit = !tooSlow.Value.IsFault,
                LeftAt = tooSlow.Value.IsFault ? null : Pace.Rate,
            };
        }
        finally
        {
            Pace.Came(came);
        }
    }

    private ReadOnlyMemory<byte> Accept(ArrivedFrame frame)
    {
        if (isFirst)
        {
            isFirst = false;
            FirstAnswer = Elapsed;
            if (frame.Size == 0)
            {
                throw new HolderFailedException(PeerFault.Protocol, "the first frame does not state the file's size");
            }

            if (frame.Size != (ulong)request.FileSize)
            {
                throw new HolderFailedException(
                    PeerFault.Lied, $"it said that the file has {request.FileSize} bytes, and sends one of {frame.Size}");
            }
        }
        else if (frame.Size != 0)
        {
            throw new HolderFailedException(PeerFault.Protocol, "a first frame came twice");
        }

        if (frame.Data.Length is 0 or > FetchLimits.MostFrame)
        {
            throw new HolderFailedException(PeerFault.Protocol, $"a frame of {frame.Data.Length} bytes");
        }

        if (frame.Data.Length > request.Length - Taken)
        {
            throw new HolderFailedException(PeerFault.Lied, $"more than the {request.Length} bytes that there are");
        }

        Taken += frame.Data.Length;
        return frame.Data;
    }

    /// <summary>What was asked for is there. A holder may not send more; that it is slow to say goodbye is forgiven.</summary>
    private async ValueTask EndAsync()
    {
        await watch.DisposeAsync();
        await using ITimer end = time.CreateTimer(
            static state => ((CheckedStream)state!).Cancel(), this, FetchLimits.EndPatience, Timeout.InfiniteTimeSpan);
        try
        {
            if (await frames.MoveNextAsync())
            {
                throw new HolderFailedException(PeerFault.Lied, $"more than the {request.Length} bytes that there are");
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HolderFailedException { Fault: not PeerFault.Lied }
            && !caller.IsCancellationRequested)
        {
            // All bytes are here, and their hash decides.
        }
    }

    /// <summary>It is this call's turn.</summary>
    private void Begin()
    {
        start = time.GetTimestamp();
        Pace.Wait();
    }

    private void Look()
    {
        if (Pace.Check() is { } slow)
        {
            tooSlow = slow;
            Cancel();
            return;
        }

        if (Pace.IsStruggling)
        {
            struggling();
        }

        if (!isDisposed)
        {
            watch.Change(Tick, Timeout.InfiniteTimeSpan);
        }
    }

    private void Cancel()
    {
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed while the clock was being read.
        }
    }
}

/// <summary>How streams of one transfer are watched.</summary>
/// <param name="Struggling">Called when a stream becomes slow enough that something else should be started beside it; often.</param>
/// <param name="LeastRate">Bytes a second below which a stream is given up for somebody better; null for nobody.</param>
internal sealed record StreamConduct(TimeProvider Time, Action Struggling, Func<double>? LeastRate = null);
