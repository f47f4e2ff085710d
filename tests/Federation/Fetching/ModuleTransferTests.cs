using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Fetching;

public sealed class ModuleTransferTests
{
    [Fact]
    public async Task A_small_module_version_comes_from_one_holder_with_one_call_for_each_file()
    {
        GenuineModule module = Samples.Small();
        using Pool pool = new(new TwinHolder("a", module), new TwinHolder("b", module));
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        pool.AssertDelivered(outcome, module);
        Assert.Equal("peer:a", outcome.Source);
        Assert.Equal("go1.23.5", outcome.Value!.GoVersion);
        Assert.Equal(3, pool.Holders[0].Asked.Count);
        Assert.Empty(pool.Holders[1].Asked);
        Assert.False(pool.Fetch.UpstreamStarted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task A_large_zip_comes_in_chunks_from_all_its_holders(int holders)
    {
        GenuineModule module = Samples.Large();
        using Pool pool = new([.. Enumerable.Range(0, holders).Select(index => new TwinHolder($"h{index}", module))]);
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        pool.AssertDelivered(outcome, module);
        List<FileRequest> zips = [.. pool.Holders.SelectMany(static holder => holder.Asked).Where(static ask => ask.File == ModuleFileKind.Zip)];
        Assert.All(zips, ask => Assert.Equal(TwinHolder.Sha(module.Zip), ask.Sha256));
        Assert.All(zips, static ask => Assert.Equal(0, ask.Offset % ChunkRules.ChunkSize));
        int used = pool.Holders.Count(static holder => holder.Asked.Any(static ask => ask.File == ModuleFileKind.Zip));
        Assert.Equal(Math.Min(holders, FetchLimits.ChunkStreamsOfTransfer), used);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broken_stream_goes_on_at_its_offset_at_another_holder_of_the_same_zip(bool isLarge)
    {
        GenuineModule module = isLarge ? Samples.Large() : Samples.Small();
        TwinHolder breaks = new("breaks", module);
        breaks.Serve = (request, cancellationToken) => request.File == ModuleFileKind.Zip
            ? Lies.BreaksOff(breaks, request, request.Length / 2)
            : breaks.HonestAsync(request, cancellationToken);
        TwinHolder other = new("other", module, Samples.OtherZip(module));
        TwinHolder same = new("same", module);
        using Pool pool = new(breaks, other, same);
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        pool.AssertDelivered(outcome, module);
        Assert.DoesNotContain(other.Asked, static ask => ask.File == ModuleFileKind.Zip);
        Assert.True(same.Given < module.Zip.Length, "the second holder gave more than was missing");
        Assert.True(pool.Fetch.UpstreamStarted, "upstream was not started when a holder failed");
        Assert.Empty(breaks.Lies);
    }

    [Fact]
    public async Task A_zip_of_the_same_h1_with_other_bytes_is_begun_anew()
    {
        GenuineModule module = Samples.Small();
        byte[] zip = Samples.OtherZip(module);
        TwinHolder breaks = new("breaks", module);
        breaks.Serve = (request, cancellationToken) => request.File == ModuleFileKind.Zip
            ? Lies.BreaksOff(breaks, request, 100_000)
            : breaks.HonestAsync(request, cancellationToken);
        using Pool pool = new(breaks, new TwinHolder("other", module, zip));
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        pool.AssertDelivered(outcome, module, zip);
        Assert.Equal("peer:other", outcome.Source);
    }

    [Fact]
    public async Task The_info_that_the_believed_record_states_is_taken_from_whoever_states_it_too()
    {
        GenuineModule module = Samples.Small();
        TwinHolder believed = new("believed", module);
        believed.Serve = (request, cancellationToken) => request.File == ModuleFileKind.Info
            ? throw new HolderFailedException(PeerFault.Protocol, "NotFound")
            : believed.HonestAsync(request, cancellationToken);
        TwinHolder differs = new("differs", module) { Info = [.. module.Info, (byte)'\n'] };
        using Pool pool = new(believed, differs, new TwinHolder("same", module));
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.DoesNotContain(differs.Asked, static ask => ask.File == ModuleFileKind.Info);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_info_is_taken_only_from_a_trusted_holder(bool isTrusted)
    {
        GenuineModule module = Samples.Small();
        TwinHolder believed = new("believed", module);
        believed.Serve = (request, cancellationToken) => request.File == ModuleFileKind.Info
            ? throw new HolderFailedException(PeerFault.Protocol, "NotFound")
            : believed.HonestAsync(request, cancellationToken);
        byte[] info = [.. module.Info, (byte)'\n'];
        TwinHolder differs = new("differs", module, trust: isTrusted ? PeerTrust.Observe : PeerTrust.None) { Info = info };
        using Pool pool = new(believed, differs);
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        Assert.Equal(isTrusted, outcome.IsFound);
        if (isTrusted)
        {
            Assert.Equal(info, pool.Fetch.Staged.Info);
        }

        pool.AssertNothingOpen();
    }

    [Fact]
    public async Task A_holder_with_other_hashes_is_not_asked()
    {
        GenuineModule module = Samples.Small();
        TwinHolder other = new("other", module) { Sign = static record => record with { ZipHash = "h1:" + new string('A', 43) + "=" } };
        TwinHolder honest = new("honest", module);
        using Pool pool = new(honest, other);
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.Empty(other.Asked);
    }

    [Fact]
    public async Task A_cancelled_transfer_leaves_nothing_open()
    {
        GenuineModule module = Samples.Large();
        TaskCompletionSource hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TwinHolder[] holders = [.. Enumerable.Range(0, 3).Select(index => new TwinHolder($"h{index}", module))];
        foreach (TwinHolder holder in holders)
        {
            holder.Serve = (request, cancellationToken) => Lies.Hangs(holder, request, 100_000, hanging, cancellationToken);
        }

        using Pool pool = new(holders);
        using CancellationTokenSource cancel = new();
        Task<Outcome<ModuleFacts>> running = pool.RunAsync(cancel.Token);
        await hanging.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        pool.AssertNothingOpen();
        Assert.All(holders, static holder => Assert.Equal(0, holder.Peer.Failures));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_is_an_io_error_and_no_peers_fault()
    {
        GenuineModule module = Samples.Large();
        using Pool pool = new(new TwinHolder("a", module), new TwinHolder("b", module));
        Directory.CreateDirectory(pool.ZipPath);
        await Assert.ThrowsAnyAsync<Exception>(() => pool.RunAsync());
        Assert.All(pool.Holders, static holder => Assert.Equal(0, holder.Peer.Failures));
        pool.AssertNothingOpen();
    }

    [Fact]
    public async Task A_busy_holder_is_asked_again_when_it_said()
    {
        GenuineModule module = Samples.Small();
        TwinHolder busy = new("busy", module);
        busy.Serve = (request, cancellationToken) => busy.Asked.Count(ask => ask.File == request.File) == 1
            ? throw new HolderFailedException(PeerFault.Busy, "ResourceExhausted") { Pushback = TimeSpan.FromMilliseconds(30) }
            : busy.HonestAsync(request, cancellationToken);
        using Pool pool = new(busy);
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.True(pool.Fetch.UpstreamStarted, "upstream was not started while the only holder was busy");
    }

    [Fact]
    public async Task Two_slow_first_answers_are_beaten_by_a_third_holder()
    {
        GenuineModule module = Samples.Small();
        TaskCompletionSource never = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TwinHolder[] silent = [new("s1", module), new("s2", module)];
        foreach (TwinHolder holder in silent)
        {
            holder.Serve = (request, cancellationToken) => Lies.Hangs(holder, request, 0, never, cancellationToken);
        }

        using Pool pool = new([.. silent, new TwinHolder("quick", module)]) { Time = new HurriedTime(20) };
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        pool.AssertDelivered(outcome, module);
        Assert.Equal("peer:quick", outcome.Source);
        Assert.All(silent, static holder => Assert.True(holder.Peer.Failures > 0));
    }
}
