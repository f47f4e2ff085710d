using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Storage;
using Athens.Federation.Tests.Provenance.Incidents;
using Athens.Federation.Tests.Provenance.OwnLog;

namespace Athens.Federation.Tests.Integration;

/// <summary>Real nodes tell one another what they can prove.</summary>
public sealed class IncidentTravelTests : IDisposable
{
    private readonly Cases cases = new();

    public void Dispose() => cases.Dispose();

    [Fact]
    public async Task What_one_node_proved_reaches_a_node_that_does_not_know_it_and_a_decision_there_stays()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        await using var c = await PeerNode.CreateAsync("c");
        a.Sections = "[pool]\norg = \"x\"\nprivate = \"example.com/m1\"\n";
        b.Sections = c.Sections = "[pool]\norg = \"y\"\n";
        await b.Knows(a, org: "x").Knows(c, org: "y").StartAsync();
        await c.Knows(b, "observe", "y").StartAsync();
        await b.ReloadAsync();
        await ConnectedAsync(c, "b");

        // Found while the others run: a private one first, which must never leave the organization.
        await LeaveAsync(a, cases.All["records signed"]);
        var forked = await LeaveAsync(a, cases.Fork(10, 37));
        var disputed = await LeaveAsync(a, Dispute(b, c, 2));
        await a.Knows(b, org: "y").StartAsync();
        await b.ReloadAsync();
        await c.Process.WaitForLineAsync(forked);
        Assert.Contains("SECURITY: incident", await c.Process.WaitForLineAsync(disputed), StringComparison.Ordinal);

        var (exitCode, output) = await c.Folder.RunAsync(null, "incident", "list");
        Assert.Equal(0, exitCode);
        Assert.Matches($"{forked} .* open +forked-log +log a/11111111", output);
        Assert.Matches($"{disputed} .* open +conflicting-records +module example.com/m2@v1.0.0", output);
        Assert.DoesNotContain("example.com/m1", output + b.Process.Output + c.Process.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(c.Folder.Data, "evidence", "incidents", disputed + ".txt")));
        (exitCode, output) = await c.Folder.RunAsync(null, "incident", "show", disputed);
        Assert.Contains("by peer b", output, StringComparison.Ordinal);

        // A decision here is this node's own: the others tell it again, and it stays cleared.
        Assert.Equal(0, (await c.Folder.RunAsync(null, "incident", "clear", disputed, "--because", "c was right")).ExitCode);
        Assert.Equal(0, await c.Process.StopAsync());
        await c.StartAsync();
        await ConnectedAsync(c, "b");
        (exitCode, output) = await c.Folder.RunAsync(null, "incident", "list");
        Assert.Matches($"{disputed} .* cleared ", output);
        (exitCode, output) = await b.Folder.RunAsync(null, "incident", "list");
        Assert.DoesNotContain("cleared", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_sends_what_proves_nothing_is_set_aside_for_a_lie()
    {
        await using var liar = await PeerNode.CreateAsync("liar");
        await using var b = await PeerNode.CreateAsync("b");
        var evidence = cases.Fork(10, 37);
        var finding = EvidenceVerifier.Verify(evidence, out _)!;
        await using (var store = IncidentStore.Open(new StoreLayout(liar.Folder.Data)))
        {
            evidence[^30] ^= 1;
            await store.AddAsync(Incident.Of(evidence, finding, DateTimeOffset.UnixEpoch, ""), evidence, [], default);
        }

        await liar.Knows(b).StartAsync();
        await b.Knows(liar).StartAsync();
        Assert.Contains("SECURITY: peer liar", await b.Process.WaitForLineAsync("evidence that proves nothing"), StringComparison.Ordinal);
        Assert.Equal((0, "There are no incidents.\n"), await b.Folder.RunAsync(null, "incident", "list"));
    }

    private static async Task ConnectedAsync(PeerNode node, string peer) => await node.Process.WaitForLineAsync($"Peer {peer} connected");

    /// <summary>Two nodes' logs recorded different hashes of one module version.</summary>
    private static byte[] Dispute(PeerNode one, PeerNode other, int module)
    {
        using var first = NodeKeys.Open(one.Folder.Data, one.Name);
        using var second = NodeKeys.Open(other.Folder.Data, other.Name);
        return Evidence.OfConflictingRecords(Cases.Signed(first.Log, SampleRecord.Of(module)), Cases.Signed(second.Log, SampleRecord.Of(module, "other")));
    }

    /// <summary>As the node found it before its start.</summary>
    private static async Task<string> LeaveAsync(PeerNode node, byte[] evidence)
    {
        var finding = EvidenceVerifier.Verify(evidence, out var reason);
        Assert.True(finding is not null, reason);
        await using var store = IncidentStore.Open(new StoreLayout(node.Folder.Data));
        await store.AddAsync(Incident.Of(evidence, finding, DateTimeOffset.UtcNow, ""), evidence, [], default);
        return Evidence.IdOf(evidence);
    }
}
