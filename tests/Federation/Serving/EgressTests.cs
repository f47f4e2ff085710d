using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Tests.Federation.Peers;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Storage;
using File = Athens.Federation.V1.FetchRequest.Types.File;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class EgressTests
{
    private const int Rate = 1_000_000;
    private const int Frame = 10_000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Over_any_time_no_more_goes_out_than_the_ceiling_and_its_small_burst()
    {
        ManualTime time = new();
        using EgressPacer pacer = new(Rate, time);
        Sender sender = new(pacer, 1, streams: 10);
        for (int ticks = 1; ticks <= 500; ticks++)
        {
            await sender.SettleAsync();
            time.Advance(Tick);
            await sender.SettleAsync();
            Assert.InRange(sender.Sent, 0, (Rate * (ticks * Tick.TotalSeconds + 0.1)) + Frame);
        }

        Assert.InRange(sender.Sent, Rate * 5, (Rate * 5.1) + Frame);
    }

    [Fact]
    public async Task Peers_share_it_evenly_however_many_streams_each_has()
    {
        ManualTime time = new();
        using EgressPacer pacer = new(Rate, time);
        Sender[] senders = [new(pacer, 1, streams: 60), new(pacer, 2, streams: 2), new(pacer, 3, streams: 5)];
        for (int ticks = 0; ticks < 300; ticks++)
        {
            await Task.WhenAll(senders.Select(static sender => sender.SettleAsync()));
            time.Advance(Tick);
        }

        Assert.All(senders, static sender => Assert.InRange(sender.Sent, Rate * 0.9, Rate * 1.15));

        // One that comes late gets no arrears, and what others leave is not lost.
        Sender late = new(pacer, 4, streams: 2);
        long before = senders[0].Sent;
        for (int ticks = 0; ticks < 100; ticks++)
        {
            await Task.WhenAll(senders.Append(late).Select(static sender => sender.SettleAsync()));
            time.Advance(Tick);
        }

        Assert.InRange(late.Sent, Rate * 0.2, Rate * 0.3);
        Assert.InRange(senders[0].Sent - before, Rate * 0.2, Rate * 0.3);
    }

    [Fact]
    public async Task What_gives_up_waiting_takes_nothing_from_the_others()
    {
        ManualTime time = new();
        using EgressPacer pacer = new(Rate, time);
        using CancellationTokenSource leaving = new();
        await pacer.WaitAsync(Key(1), Rate, CancellationToken.None);
        List<Task> leavers = [.. Enumerable.Range(0, 100).Select(_ => pacer.WaitAsync(Key(2), Rate, leaving.Token).AsTask())];
        Task patient = pacer.WaitAsync(Key(2), Frame, CancellationToken.None).AsTask();
        await leaving.CancelAsync();
        Assert.All(await Task.WhenAll(leavers.Select(static task => task.ContinueWith(static done => done.IsCanceled, TaskScheduler.Default))), Assert.True);
        Assert.False(patient.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await patient;
    }

    [Fact]
    public async Task A_fetch_takes_as_long_as_the_ceiling_says()
    {
        const int ceiling = 200_000;
        ManualTime time = new();
        DateTimeOffset begin = time.GetUtcNow();
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Egress = ceiling }, time);
        SampleModule module = await rig.HoldAsync(fill: 1_000_000);
        Task<(byte[] Bytes, ulong)> fetching = rig.AddClient().FetchAsync(PeerClient.Request(module.Module, File.Zip));
        Assert.Equal(module.Zip, (await PeersRig.AdvanceUntilAsync(time, fetching)).Bytes);
        Assert.InRange(time.GetUtcNow() - begin, TimeSpan.FromSeconds(4.8), TimeSpan.MaxValue);
    }

    private static PeerKey Key(byte number)
    {
        byte[] bytes = new byte[PeerKey.Size];
        bytes[0] = number;
        return PeerKey.Of(bytes);
    }

    /// <summary>A peer whose streams send one frame after the other.</summary>
    private sealed class Sender(EgressPacer pacer, byte number, int streams)
    {
        private readonly Task[] turns = [.. Enumerable.Repeat(Task.CompletedTask, streams)];
        private bool began;

        public long Sent { get; private set; }

        /// <summary>Every stream whose turn came asks for the next.</summary>
        public Task SettleAsync()
        {
            for (int i = 0; i < turns.Length; i++)
            {
                while (turns[i].IsCompleted)
                {
                    Sent += began ? Frame : 0;
                    turns[i] = pacer.WaitAsync(Key(number), Frame, CancellationToken.None).AsTask();
                    if (!began)
                    {
                        break;
                    }
                }
            }

            began = true;
            return Task.CompletedTask;
        }
    }
}
