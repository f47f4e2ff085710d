namespace Athens.Federation.Tests.Hostile;

/// <summary>A peer that has signed what is true and sends something else.</summary>
[Collection(HostileCases.Name)]
public sealed class LyingStreamTests(NodeUnderTest node)
{
    private static readonly Dictionary<string, (string Fault, ServeFetch Lie)> Kinds = new(StringComparer.Ordinal)
    {
        ["wrong-bytes"] = ("Lied", StreamLies.WrongBytesAsync),
        ["truncated"] = ("Protocol", StreamLies.TruncatedAsync),
        ["endless"] = ("Lied", StreamLies.EndlessAsync),
        ["one-byte-a-second"] = ("Slow", StreamLies.TrickleAsync),
        ["half-then-silent"] = ("Slow", StreamLies.HalfThenSilentAsync),
        ["huge-frame"] = ("Protocol", StreamLies.HugeFrameAsync),
        ["empty-frames"] = ("Protocol", StreamLies.EmptyFramesAsync),
        ["another-size"] = ("Lied", StreamLies.AnotherSizeAsync),
        ["not-held-after-all"] = ("Protocol", StreamLies.NotHeldAsync),
    };

    /// <summary>What is different when a zip comes in chunks.</summary>
    private static readonly string[] InChunks = ["wrong-bytes", "truncated", "endless", "one-byte-a-second", "half-then-silent"];

    public static TheoryData<string, bool> Cases()
    {
        TheoryData<string, bool> cases = [];
        foreach (string kind in Kinds.Keys)
        {
            cases.Add(kind, false);
        }

        foreach (string kind in InChunks)
        {
            cases.Add(kind, true);
        }

        return cases;
    }

    [Fact]
    public async Task Who_is_silent_again_and_again_is_set_aside()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "silent", prepare: static liar => liar.Lie(StreamLies.SilentAsync));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => encounter.FetchAsync()));
        await encounter.FetchUntilSetAsideAsync("Slow");
        await encounter.AssertSetAsideAsync("Slow");
        await encounter.AssertUnharmedAsync();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_right_module_comes_from_the_honest_peer(string kind, bool isLarge)
    {
        (string fault, ServeFetch lie) = Kinds[kind];
        await using Encounter encounter = await Encounter.BeginAsync(
            node, $"{kind}{(isLarge ? "-large" : "")}", isLarge ? Encounter.Large : Encounter.Small, prepare: liar => liar.Lie(lie, static served => served.IsZip));
        await encounter.FetchUntilSetAsideAsync(fault);
        await encounter.AssertSetAsideAsync(fault);
        int lies = encounter.Liar.Lies;
        if (fault == "Lied")
        {
            await encounter.FetchAsync();
            Assert.Equal(lies, encounter.Liar.Lies);
        }

        await encounter.AssertUnharmedAsync();
    }
}
