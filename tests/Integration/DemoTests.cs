using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary><c>tools/demo</c>, as a newcomer runs it.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_builds_through_a_pool_and_catches_an_attack()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var run = await ChildProcess.RunAsync(
            "bash", [Path.Combine(SourceTree.Root, "tools", "demo")], SourceTree.Root, GoClient.BareEnvironment, limit.Token);
        Assert.True(run.ExitCode == 0, run.Terminal);
        foreach (var words in new[] { "HELLO, ANN.", "HELLO, BOB.", "HELLO, CY.", "HELLO, DEE.", "403 Forbidden", "SECURITY: hashes disagree", "moved-tag", "The changed code reached nobody." })
        {
            Assert.True(run.Terminal.Contains(words, StringComparison.Ordinal), $"there is no '{words}' in\n{run.Terminal}");
        }

        Assert.DoesNotContain("HELLO, EVE", run.Terminal, StringComparison.OrdinalIgnoreCase);
    }
}
