using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Retrieval;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>Who keeps silent while others answer.</summary>
public sealed class SilentHoldersTests
{
    private readonly ManualTime time = new();
    private readonly Peer peer = new TwinHolder("silent", Samples.Small()).Peer;

    [Fact]
    public void Once_is_no_fault_and_means_to_be_asked_last_for_a_while()
    {
        SilentHolders silent = new(time);
        Assert.False(silent.IsLast(peer));
        Assert.False(silent.Beaten(peer));
        Assert.True(silent.IsLast(peer));
        time.Advance(SilentHolders.First);
        Assert.False(silent.IsLast(peer));
    }

    [Fact]
    public void Again_and_again_is_a_fault_and_the_while_grows_to_its_bound()
    {
        SilentHolders silent = new(time);
        Assert.Equal([false, false, true, false, false, true], Enumerable.Range(0, 6).Select(_ => silent.Beaten(peer)));
        time.Advance(SilentHolders.Longest - TimeSpan.FromSeconds(1));
        Assert.True(silent.IsLast(peer));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(silent.IsLast(peer));
    }

    [Fact]
    public void Who_delivers_begins_anew()
    {
        SilentHolders silent = new(time);
        silent.Beaten(peer);
        silent.Beaten(peer);
        silent.Delivered(peer);
        Assert.False(silent.IsLast(peer));
        Assert.False(silent.Beaten(peer));
    }

    [Fact]
    public async Task Who_was_silent_once_is_asked_at_once_when_nobody_else_is_left()
    {
        TwinHolder twin = new("only", Samples.Small());
        twin.Serve = (request, cancellationToken) =>
            Lies.Hangs(twin, request, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), cancellationToken);
        using Pool pool = new(twin);
        Holder holder = twin.Holder();
        SilentHolders silent = new(time);
        TransferState state = new(holder.Record.Module, () => [holder], silent, time, NullLogger.Instance);
        FileRequest request = new(holder.Record.Module, ModuleFileKind.Zip, holder.Record.Zip.Size, holder.Record.Zip.Sha256);
        await using (CheckedStream stream = CheckedStream.Open(pool, holder, request, new StreamConduct(time, static () => { }), CancellationToken.None))
        {
            _ = stream.BeginAsync();
            time.Advance(Pace.Silence);
            state.BeatenSilent(stream, "the zip");
        }

        Assert.True(silent.IsLast(twin.Peer));
        Assert.Equal((holder, TimeSpan.Zero), state.Next(static _ => true));
    }
}
