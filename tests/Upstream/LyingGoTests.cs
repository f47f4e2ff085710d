using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Upstream;

public sealed class LyingGoTests
{
    [Theory]
    [InlineData(nameof(LyingGo.NoFiles))]
    [InlineData(nameof(LyingGo.ForeignFile))]
    [InlineData(nameof(LyingGo.LinkedFile))]
    [InlineData(nameof(LyingGo.Garbage))]
    [InlineData(nameof(LyingGo.Silent))]
    public async Task A_go_that_lies_of_its_files_is_this_nodes_own_fault(string lie)
    {
        using LyingGo go = (LyingGo)typeof(LyingGo).GetMethod(lie)!.Invoke(null, null)!;
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync(options => options with { Go = go.Path });
        (StagedFiles staged, Outcome<FetchedModule> outcome) = await room.FetchAsync("github.com/pkg/errors", "v0.9.1");
        Assert.Equal(OutcomeKind.Faulty, outcome.Kind);
        Assert.Contains("go command is broken", outcome.Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(staged.ZipPath));
        Assert.Equal(0, room.ScratchFolders);
    }

    [Theory]
    [InlineData(nameof(LyingGo.WrongZip))]
    [InlineData(nameof(LyingGo.FlippedZip))]
    [InlineData(nameof(LyingGo.TruncatedZip))]
    [InlineData(nameof(LyingGo.WrongSum))]
    [InlineData(nameof(LyingGo.WrongMod))]
    public async Task A_lie_in_the_bytes_is_handed_on_with_the_claim_that_exposes_it(string lie)
    {
        using UpstreamRoom honest = await UpstreamRoom.OverRepositoriesAsync();
        (StagedFiles truth, Outcome<FetchedModule> claimed) = await honest.FetchAsync("github.com/google/uuid", "v1.3.0");
        using LyingGo go = (LyingGo)typeof(LyingGo).GetMethod(lie)!.Invoke(null, null)!;
        using UpstreamRoom room = await UpstreamRoom.OverRepositoriesAsync(options => options with { Go = go.Path });
        (StagedFiles staged, Outcome<FetchedModule> outcome) = await room.FetchAsync("github.com/google/uuid", "v1.3.0");
        Assert.True(outcome.IsFound, outcome.Reason);
        byte[] expected = await File.ReadAllBytesAsync(truth.ZipPath);
        byte[] received = await File.ReadAllBytesAsync(staged.ZipPath);
        bool sameBytes = expected.AsSpan().SequenceEqual(received) && truth.Mod.AsSpan().SequenceEqual(staged.Mod);
        bool sameClaim = claimed.Value!.ClaimedZipHash == outcome.Value!.ClaimedZipHash;
        Assert.NotEqual(sameBytes, sameClaim);
    }
}
