using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Xunit.Abstractions;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>A member of the pool whose organization signs whatever it likes, and tells it to a real node in every way there is.</summary>
public sealed partial class PoolFloodTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Seconds = 10;
    private const int Callers = 64;
    private const int Messages = 200;
    private const int InMessage = 50;
    private const int Versions = 100;

    /// <summary>64 calls of some 40 KiB at once, two hundred peers that are dialled in vain, and what .NET puts aside for the next ones. 29 MiB was the most ever seen.</summary>
    private const long MostGrowth = 64L << 20;

    /// <summary>Seconds of one processor: for what is gone into, for two hundred peers that are dialled, and for the honest questions. 3.7 were seen.</summary>
    private const double MostProcessor = 8;

    /// <summary>And for each message, which is read before it is refused. A fifth to half of a millisecond was seen.</summary>
    private const double MostForMessage = 0.001;

    /// <summary>Statements that are gone into at once (OrgIntake), one message more, and one in ten seconds.</summary>
    private const int MostTold = (2 * StatementRule.MaxOfOrg) + InMessage + Seconds;

    /// <summary>An honest question while the flood lasts: the machine has two cores, and the flood comes from the same one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new("pool-flood");
    private readonly List<TimeSpan> waits = [];
    private PeerNode node = null!;
    private PeerNode other = null!;
    private int made;
    private int taken;
    private int refused;
    private int watches;

    public async Task InitializeAsync()
    {
        var versions = folder.Folder("proxy/example.org/storm/@v");
        for (var number = 0; number < Versions; number++)
        {
            SyntheticProxy.WriteVersion(versions, "example.org/storm", $"v1.{number}.0", new byte[2000]);
        }

        node = await PeerNode.CreateAsync("a1");
        other = await PeerNode.CreateAsync("b1");
        await other.ObserveAsync(folder.File("proxy"));
        await Task.WhenAll(node.StartAsync(), other.StartAsync());
        await RunAsync(node, "pool", "create", "trial", "--org", "acme");
        await RunAsync(other, "pool", "join", await InviteAsync("--node"));
        await ShortPause.UntilAsync(() => RunAsync(node, "pool", "members"), static shown => shown.Contains(" connected ", StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        await node.DisposeAsync();
        await other.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_flood_of_what_a_member_signed_costs_a_bounded_part_of_memory_and_processor_and_others_are_answered()
    {
        await using HostileMember hostile = await HostileMember.JoinAsync(await InviteAsync(), "globex");
        Wire.PoolNews[] news = Prepare(hostile);
        hostile.Peer.WatchPool = (stream, cancellationToken) => StreamAsync(news, stream, cancellationToken);
        await AskAsync(0);

        ProcessMemory memory = ProcessMemory.WatchFrom(node.Process.Id);
        ProcessTime processor = ProcessTime.WatchFrom(node.Process.Id);
        using CancellationTokenSource over = new(TimeSpan.FromSeconds(Seconds), TimeProvider.System);
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(caller => TellAsync(hostile, news, caller, over.Token))];
        for (var number = 1; number < Versions - 1 && !over.IsCancellationRequested; number++)
        {
            await AskAsync(number);
        }

        await Task.WhenAll(callers);
        string figures = string.Create(CultureInfo.InvariantCulture, $"{made} messages in {Seconds} s, {taken} taken and {refused} refused, {watches} streams without an end: {memory.Growth >> 20} MiB more memory, {processor.Used:0.0} s of one processor; {waits.Count} honest questions waited {waits.Max().TotalMilliseconds:0} ms at most");
        output.WriteLine(figures);
        Assert.InRange(memory.Growth, long.MinValue, MostGrowth);
        Assert.InRange(processor.Used, 0, MostProcessor + (made * MostForMessage));
        Assert.True(refused > taken && watches > 0, figures);
        await AskAsync(Versions - 1);
        await AssertBoundedAsync(hostile);
    }

    /// <summary>What is kept, what was told to the operator, and that the flood has used up what its organization may tell.</summary>
    private async Task AssertBoundedAsync(HostileMember hostile)
    {
        Assert.InRange(Regex.Count(await RunAsync(node, "pool", "members"), "globex/"), 1, StatementRule.MaxOfOrg);
        Assert.InRange(Directory.GetFiles(Path.Combine(node.Folder.Data, "pool", "statements"), "*.note").Length, 1, StatementRule.MaxOfOrg + 2);
        Assert.InRange(Directory.GetFiles(Path.Combine(node.Folder.Data, "pool", "proposals"), "*.note").Length, 1, ProposalRule.MaxOfOrg);
        Assert.InRange(Regex.Count(node.Process.Output, "Peer globex/n at"), 0, MostTold);
        RpcException late = await Assert.ThrowsAsync<RpcException>(() => hostile.Pool.TellPoolAsync(hostile.Tell(new Wire.PoolNews { Statements = { hostile.Own() } })).ResponseAsync);
        Assert.Equal((StatusCode.InvalidArgument, "its organization sends news of the pool without an end"), (late.StatusCode, late.Status.Detail));
    }

    /// <summary>Statements each newer than the one before, so that all of them would be taken; and between them nonsense, proposals, forgeries.</summary>
    private static Wire.PoolNews[] Prepare(HostileMember hostile)
    {
        Wire.PoolNews[] news = new Wire.PoolNews[Messages];
        Parallel.For(0, Messages, message =>
        {
            Wire.PoolNews one = new();
            one.Statements.Add(Enumerable.Range(message * InMessage, InMessage).Select(hostile.Statement));
            one.Proposal = message % 4 == 0 ? hostile.Proposal(message) : ByteString.Empty;
            one.Root = message % 4 == 1 ? hostile.Proposal(message) : message % 4 == 2 ? ByteString.CopyFrom(new byte[8 << 10]) : ByteString.Empty;
            news[message] = one;
        });
        return news;
    }

    private async Task TellAsync(HostileMember hostile, Wire.PoolNews[] news, int caller, CancellationToken over)
    {
        for (var at = caller; !over.IsCancellationRequested; at += Callers)
        {
            try
            {
                Interlocked.Increment(ref made);
                await hostile.Pool.TellPoolAsync(hostile.Tell(news[at % Messages]), cancellationToken: over);
                Interlocked.Increment(ref taken);
            }
            catch (RpcException exception)
            {
                Assert.Contains(exception.StatusCode, new[] { StatusCode.Cancelled, StatusCode.ResourceExhausted, StatusCode.InvalidArgument, StatusCode.Unavailable });
                Interlocked.Increment(ref refused);
            }
        }
    }

    /// <summary>To whoever watches: everything, again and again.</summary>
    private async Task StreamAsync(Wire.PoolNews[] news, IServerStreamWriter<Wire.PoolNews> stream, CancellationToken over)
    {
        Interlocked.Increment(ref watches);
        for (var at = 0; !over.IsCancellationRequested; at++)
        {
            await stream.WriteAsync(news[at % Messages], over);
        }
    }

    /// <summary>A developer of the node asks for what another member has: an answer of that member's is among it.</summary>
    private async Task AskAsync(int number)
    {
        long since = Stopwatch.GetTimestamp();
        var (status, source, body) = await node.GetAsync($"/example.org/storm/@v/v1.{number}.0.zip").WaitAsync(Patience);
        Assert.True((status, source) == (200, "peer:acme/b1"), $"{status} {source} {System.Text.Encoding.UTF8.GetString(body)}");
        waits.Add(Stopwatch.GetElapsedTime(since));
        for (var pause = 0; pause < 5; pause++)
        {
            await ShortPause.TakeAsync();
        }
    }

    private async Task<string> InviteAsync(params string[] grant) => Token().Match(await RunAsync(node, ["pool", "invite", .. grant])).Value;

    private static async Task<string> RunAsync(PeerNode node, params string[] verb)
    {
        var (exitCode, said) = await node.Folder.RunAsync(null, verb);
        Assert.True(exitCode == 0, $"{string.Join(' ', verb)}: {said}\n{node.Process.Output}");
        return said;
    }

    [GeneratedRegex(@"athens-join-v1\.\S+")]
    private static partial Regex Token();
}
