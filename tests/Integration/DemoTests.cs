using System.Net.NetworkInformation;
using System.Net.Sockets;
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
        foreach (var words in new[] { "HELLO, ANN.", "HELLO, BOB.", "HELLO, CY.", "greet@v1.0.0 from peer:globex/globex-1", "HELLO, DEE.", "403 Forbidden", "SECURITY: hashes disagree", "moved-tag", "The changed code reached nobody." })
        {
            Assert.True(run.Terminal.Contains(words, StringComparison.Ordinal), $"there is no '{words}' in\n{run.Terminal}");
        }

        // A machine whose only network is itself hears no multicast: then the demo says so, and shows the rest.
        var found = run.Terminal.Contains("Seen on the LAN: the node athens-", StringComparison.Ordinal) && run.Terminal.Contains("from globex, found on the LAN", StringComparison.Ordinal);
        var said = run.Terminal.Contains("NOT FOUND ON THE LAN", StringComparison.Ordinal);
        Assert.True(found != said && (found || !HasLan()), run.Terminal);
        Assert.DoesNotContain("HELLO, EVE", run.Terminal, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasLan() => NetworkInterface.GetAllNetworkInterfaces().Any(static card =>
        card.OperationalStatus == OperationalStatus.Up && card.SupportsMulticast && card.NetworkInterfaceType != NetworkInterfaceType.Loopback
        && card.GetIPProperties().UnicastAddresses.Any(static own => own.Address.AddressFamily == AddressFamily.InterNetwork && own.PrefixLength < 32));
}
