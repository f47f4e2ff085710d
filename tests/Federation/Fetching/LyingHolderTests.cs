using System.Runtime.CompilerServices;
using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Retrieval;
using Google.Protobuf;
using Serve = System.Func<Athens.Federation.Tests.Federation.Fetching.TwinHolder, Athens.Federation.Node.Federation.Fetching.FileRequest, System.TimeProvider, System.Threading.CancellationToken, System.Collections.Generic.IAsyncEnumerable<Athens.Federation.Node.Federation.Fetching.ArrivedFrame>>;

namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>One holder lies in one way: the module version comes whole from the other, and the liar is known for what it did.</summary>
public sealed class LyingHolderTests
{
    private static readonly Dictionary<string, (PeerFault Fault, Serve Serve)> Kinds = new(StringComparer.Ordinal)
    {
        ["wrong bytes"] = (PeerFault.Lied, static (holder, request, _, _) => Lies.WrongBytes(holder, request)),
        ["truncated"] = (PeerFault.Protocol, static (holder, request, _, _) => Lies.Truncated(holder, request)),
        ["one byte more"] = (PeerFault.Lied, static (holder, request, _, _) => Lies.OneByteMore(holder, request)),
        ["endless"] = (PeerFault.Lied, static (holder, request, _, _) => Lies.Endless(holder, request)),
        ["another size"] = (PeerFault.Lied, static (holder, request, _, _) => Lies.WrongSize(holder, request)),
        ["two first frames"] = (PeerFault.Protocol, static (holder, request, _, _) => Lies.SizeInEveryFrame(holder, request)),
        ["empty frames"] = (PeerFault.Protocol, static (holder, request, _, _) => Lies.EmptyFrames(holder, request)),
        ["huge frame"] = (PeerFault.Protocol, static (holder, request, _, _) => Lies.HugeFrame(holder, request)),
        ["not held after all"] = (PeerFault.Protocol, static (_, _, _, _) => Lies.Refuses(PeerFault.Protocol, "NotFound")),
        ["broken connection"] = (PeerFault.Unreachable, static (holder, request, _, _) => Lies.BreaksOff(holder, request, request.Length / 2)),
        ["silence"] = (PeerFault.Slow, static (holder, request, _, stop) => Lies.Hangs(holder, request, request.Length / 2, new(), stop)),
        ["one byte a second"] = (PeerFault.Slow, static (holder, request, time, stop) => Lies.Trickles(holder, request, time, stop)),
    };

    public static TheoryData<string, string, bool> Cases()
    {
        TheoryData<string, string, bool> cases = [];
        foreach (string kind in Kinds.Keys)
        {
            cases.Add(kind, nameof(ModuleFileKind.Info), false);
            cases.Add(kind, nameof(ModuleFileKind.Mod), false);
            cases.Add(kind, nameof(ModuleFileKind.Zip), false);
            cases.Add(kind, nameof(ModuleFileKind.Zip), true);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_honest_holder_delivers(string kind, string file, bool isLarge)
    {
        GenuineModule module = isLarge ? Samples.Large() : Samples.Small();
        using Pool pool = new(new TwinHolder("liar", module), new TwinHolder("honest", module)) { Time = TimeFor(kind) };
        Use(pool, kind, file);
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        pool.AssertDelivered(outcome, module);
        Assert.Equal(Kinds[kind].Fault == PeerFault.Lied, pool.Holders[0].Lies.Any());
        Assert.Empty(pool.Holders[1].Lies);
        if (isLarge ? kind is not "silence" : kind is not "one byte a second")
        {
            // (The honest holder may have taken over the run before it was noticed, or been asked as well and been done before they were missed.)
            Assert.True(pool.Holders[0].Peer.Failures > 0, "the liar was not noted");
        }

        Assert.Equal(0, pool.Holders[1].Peer.Failures);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Alone_it_ends_in_a_reason_that_names_it(string kind, string file, bool isLarge)
    {
        GenuineModule module = isLarge ? Samples.Large() : Samples.Small();
        using Pool pool = new(new TwinHolder("liar", module)) { Time = TimeFor(kind) };
        Use(pool, kind, file);
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        if (kind == "one byte more" && isLarge)
        {
            // Every chunk is right, so the zip is; what follows is only held against the holder.
            pool.AssertDelivered(outcome, module);
            Assert.NotEmpty(pool.Holders[0].Lies);
            return;
        }

        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("liar: ", outcome.Reason, StringComparison.Ordinal);
        Assert.True(pool.Fetch.UpstreamStarted);
        Assert.Equal(Kinds[kind].Fault == PeerFault.Lied, pool.Fetch.Trust.Records.Count == 0);
        pool.AssertNothingOpen();
    }

    [Fact]
    public async Task A_record_whose_h1_is_not_that_of_its_zip_is_its_signers_lie()
    {
        GenuineModule module = Samples.Small();
        GenuineModule other = GenuineModule.Make("example.com/small", "v1.0.0", "// something else\n");
        TwinHolder liar = new("liar", module, other.Zip);
        using Pool pool = new(liar, new TwinHolder("honest", module));
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.Contains("untrue", Assert.Single(liar.Lies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zip_that_breaks_the_rules_is_its_signers_lie()
    {
        GenuineModule module = Samples.Small();
        TwinHolder liar = new("liar", module, "PK, and nothing else"u8.ToArray());
        using Pool pool = new(liar, new TwinHolder("honest", module));
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.NotEmpty(liar.Lies);
    }

    [Fact]
    public async Task Liars_with_many_zips_are_given_up()
    {
        GenuineModule module = Samples.Small();
        TwinHolder[] liars = [.. Enumerable.Range(0, 8).Select(index => new TwinHolder($"l{index}", module, [.. "PK"u8, (byte)index]))];
        using Pool pool = new(liars);
        Outcome<ModuleFacts> outcome = await pool.RunAsync();
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Equal(FetchLimits.MostZips, liars.Count(liar => liar.Lies.Any()));
    }

    [Fact]
    public async Task A_chunk_list_without_the_root_of_its_record_is_a_lie_and_the_next_list_is_used()
    {
        GenuineModule module = Samples.Large();
        TwinHolder liar = new("liar", module);
        liar.Locate = static location =>
        {
            location.Chunks = ByteString.CopyFrom(Samples.Corrupted(location.Chunks.ToByteArray(), 5));
            return location;
        };
        using Pool pool = new(liar, new TwinHolder("honest", module));
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.NotEmpty(liar.Lies);
    }

    [Fact]
    public async Task Without_any_chunk_list_a_large_zip_comes_in_one_stream()
    {
        GenuineModule module = Samples.Large();
        TwinHolder plain = new("plain", module)
        {
            Locate = static location =>
            {
                location.Chunks = ByteString.Empty;
                return location;
            },
        };
        using Pool pool = new(plain);
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.Single(plain.Asked, static ask => ask.File == ModuleFileKind.Zip);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_zip_of_the_same_h1_in_the_middle_is_found_out(bool isLarge)
    {
        GenuineModule module = isLarge ? Samples.Large() : Samples.Small();
        byte[] other = Samples.OtherZip(module);
        TwinHolder breaks = new("breaks", module);
        breaks.Serve = (request, cancellationToken) => request is { File: ModuleFileKind.Zip, Offset: 0 }
            ? Lies.BreaksOff(breaks, request, request.Length / 2)
            : breaks.HonestAsync(request, cancellationToken);
        TwinHolder liar = new("liar", module);
        liar.Serve = (request, cancellationToken) => request is { File: ModuleFileKind.Zip, Offset: > 0 }
            ? TwinHolder.FramesAsync([.. other.AsSpan(0, liar.Zip.Length)], request.Offset, request.Length, liar.FrameSize)
            : liar.HonestAsync(request, cancellationToken);
        using Pool pool = new(breaks, liar, new TwinHolder("honest", module));
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.Empty(breaks.Lies);
        Assert.NotEmpty(liar.Lies);
    }

    [Fact]
    public async Task A_mod_of_16_MiB_waits_behind_smaller_ones()
    {
        GenuineModule module = Samples.Small();
        TwinHolder liar = new("liar", module) { Mod = new byte[GoModFile.MaxSize] };
        using Pool pool = new(liar, new TwinHolder("honest", module));
        pool.AssertDelivered(await pool.RunAsync(), module);
        Assert.DoesNotContain(liar.Asked, static ask => ask.File == ModuleFileKind.Mod);
    }

    [Fact]
    public async Task A_record_of_a_larger_zip_than_Go_allows_is_not_asked_for()
    {
        GenuineModule module = Samples.Small();
        TwinHolder liar = new("liar", module)
        {
            Sign = static record => record with { Zip = record.Zip with { Size = Node.Modules.ModuleZip.MaxSize + 1 } },
        };
        using Pool pool = new(liar);
        Assert.Equal(OutcomeKind.Unavailable, (await pool.RunAsync()).Kind);
        Assert.Empty(liar.Asked);
    }

    

    private static TimeProvider TimeFor(string kind) => Kinds[kind].Fault == PeerFault.Slow ? new HurriedTime(20) : TimeProvider.System;

    private static void Use(Pool pool, string kind, string file)
    {
        TwinHolder liar = pool.Holders[0];
        TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        liar.Serve = (request, cancellationToken) => request.File.ToString() == file
            ? UntilOverAsync(() => Kinds[kind].Serve(liar, request, pool.Time, cancellationToken), over)
            : liar.HonestAsync(request, cancellationToken);
        if (Kinds[kind].Fault == PeerFault.Slow || liar.Zip.Length < ChunkRules.LeastZip)
        {
            return;
        }

        // In chunks all holders give at once, and the honest one, being quick, would take the liar's part off it before it has lied.
        foreach (TwinHolder honest in pool.Holders[1..])
        {
            honest.Serve = (request, cancellationToken) => request.File == ModuleFileKind.Zip && file == nameof(ModuleFileKind.Zip)
                ? AfterAsync(over.Task, () => honest.HonestAsync(request, cancellationToken), cancellationToken)
                : honest.HonestAsync(request, cancellationToken);
        }
    }

    private static async IAsyncEnumerable<ArrivedFrame> UntilOverAsync(Func<IAsyncEnumerable<ArrivedFrame>> serve, TaskCompletionSource over)
    {
        try
        {
            await foreach (ArrivedFrame frame in serve())
            {
                yield return frame;
            }
        }
        finally
        {
            over.TrySetResult();
        }
    }

    private static async IAsyncEnumerable<ArrivedFrame> AfterAsync(
        Task first, Func<IAsyncEnumerable<ArrivedFrame>> serve, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await first.WaitAsync(cancellationToken);
        await foreach (ArrivedFrame frame in serve())
        {
            yield return frame;
        }
    }
}
