using System.Globalization;
using System.Runtime.CompilerServices;
using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Retrieval;

namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>
/// Pools of holders that drop, truncate, delay, corrupt and hold different zips, all drawn from a seed. Whatever happens, the
/// end is the right bytes or a clear failure; never wrong bytes, never a leak, never an honest holder called a liar.
/// </summary>
public sealed class HolderSimulation
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public Task Small_zips(int block) => RunAsync(Samples.Small(), block * 1000, rounds: 40);

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public Task Large_zips(int block) => RunAsync(Samples.Large(), block * 1000, rounds: 8);

    private static async Task RunAsync(GenuineModule module, int firstSeed, int rounds)
    {
        byte[] other = Samples.OtherZip(module);
        for (int seed = firstSeed; seed < firstSeed + rounds; seed++)
        {
            try
            {
                await OneAsync(module, other, new Random(seed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {e.Message}"), e);
            }
        }
    }

    private static async Task OneAsync(GenuineModule module, byte[] other, Random random)
    {
        HurriedTime time = new(20);
        SimulatedHolder[] simulated =
        [
            .. Enumerable.Range(0, random.Next(1, 6)).Select(index => new SimulatedHolder(
                new TwinHolder($"h{index}", module, random.Next(4) == 0 ? other : module.Zip) { FrameSize = random.Next(1000, 200_000) },
                new Random(random.Next()),
                time,
                random.NextDouble() < 0.4 ? 0 : random.NextDouble())),
        ];
        using Pool pool = new([.. simulated.Select(static holder => holder.Twin)]) { Time = time };
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        if (outcome.IsFound)
        {
            string zip = TwinHolder.Sha(await File.ReadAllBytesAsync(pool.ZipPath));
            Assert.Contains(zip, pool.Holders.Select(static holder => TwinHolder.Sha(holder.Zip)));
            Assert.Equal(module.Info, pool.Fetch.Staged.Info);
            Assert.Equal(module.Mod, pool.Fetch.Staged.Mod);
        }
        else
        {
            Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
            Assert.Contains("h", outcome.Reason, StringComparison.Ordinal);
        }

        pool.AssertNothingOpen();
        foreach (SimulatedHolder holder in simulated.Where(static holder => !holder.HasLied))
        {
            Assert.Empty(holder.Twin.Lies);
        }

        // A holder without faults is only ever given up when this machine was so busy that it looked slow.
        if (simulated.Any(static holder => holder.Faultiness == 0 && holder.Twin.Peer.Failures == 0))
        {
            Assert.True(outcome.IsFound, outcome.Reason);
        }
    }

    private sealed class SimulatedHolder
    {
        private readonly Random random;
        private readonly TimeProvider time;

        public SimulatedHolder(TwinHolder twin, Random random, TimeProvider time, double faultiness)
        {
            (Twin, Faultiness) = (twin, faultiness);
            (this.random, this.time) = (random, time);
            twin.Serve = ServeAsync;
        }

        public TwinHolder Twin { get; }

        /// <summary>The share of its streams in which something goes wrong.</summary>
        public double Faultiness { get; }

        public bool HasLied { get; private set; }

        private async IAsyncEnumerable<ArrivedFrame> ServeAsync(FileRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            (double fate, long at, int kind) = Draw(request);
            long sent = 0;
            await foreach (ArrivedFrame frame in Twin.HonestAsync(request, cancellationToken))
            {
                ArrivedFrame given = frame;
                if (fate < Faultiness && sent + frame.Data.Length > at)
                {
                    switch (kind)
                    {
                        case 0:
                            throw new HolderFailedException(PeerFault.Unreachable, "Unavailable: connection reset");
                        case 1:
                            yield break;
                        case 2:
                            await Task.Delay(TimeSpan.FromMilliseconds(at % 500), time, cancellationToken);
                            break;
                        case 3:
                            HasLied = true;
                            given = frame with { Data = Samples.Corrupted(frame.Data.ToArray(), (int)(at - sent)) };
                            break;
                        case 4 when sent == 0:
                            throw new HolderFailedException(PeerFault.Busy, "ResourceExhausted") { Pushback = TimeSpan.FromMilliseconds(at % 200) };
                        case 5 when at % 4 == 0:
                            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
                            break;
                        default:
                            break;
                    }

                    fate = 1;
                }

                sent += given.Data.Length;
                yield return given;
            }
        }

        private (double Fate, long At, int Kind) Draw(FileRequest request)
        {
            lock (random)
            {
                return (random.NextDouble(), random.NextInt64(request.Length), random.Next(6));
            }
        }
    }
}
