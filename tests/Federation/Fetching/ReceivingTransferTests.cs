using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Fetching;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Federation.Peers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Federation.Fetching;

/// <summary>Which modules of other organizations are taken for secrets.</summary>
public sealed class ReceivingTransferTests : IAsyncLifetime, IDisposable
{
    private static readonly ModuleVersion Module = ModuleVersion.Create("corp.example.com/lib", "v1.0.0", out _)!;
    private readonly TwinPeer acme = new("a", PeerTrust.Observe, "acme");
    private readonly TwinPeer globex = new("b", PeerTrust.Observe, "globex");
    private readonly TwinPeer stranger = new("stranger", PeerTrust.None, "other");
    private readonly PeersRig rig;
    private readonly ReceivedModules received = new([], null);
    private ReceivedModules kept;
    private bool isProven;

    public ReceivingTransferTests()
    {
        rig = new PeersRig(new FederationOptions { Org = "globex" }, acme, globex, stranger);
        kept = received;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    public void Dispose()
    {
        acme.Dispose();
        globex.Dispose();
        stranger.Dispose();
    }

    [Fact]
    public async Task What_a_believed_peer_of_another_organization_marks_as_private_is_a_secret_of_its()
    {
        Hold(acme, isPrivate: true);
        Assert.True((await FetchAsync()).IsFound);
        Assert.Equal("acme", received.GiverOf(Module.Path));
    }

    [Fact]
    public async Task What_is_proven_in_public_is_no_secret_whoever_says_so()
    {
        Hold(acme, isPrivate: true);
        isProven = true;
        Assert.True((await FetchAsync()).IsFound);
        Assert.False(received.Has(Module.Path));
    }

    [Fact]
    public async Task What_nobody_marks_is_none()
    {
        Hold(acme, isPrivate: false);
        Assert.True((await FetchAsync()).IsFound);
        Assert.False(received.Has(Module.Path));
    }

    [Fact]
    public async Task A_peer_that_is_not_believed_makes_no_secret_of_anything()
    {
        Hold(acme, isPrivate: false);
        Hold(stranger, isPrivate: true);
        Assert.True((await FetchAsync()).IsFound);
        Assert.False(received.Has(Module.Path));
    }

    [Fact]
    public async Task What_nodes_of_the_own_organization_mark_is_decided_by_the_own_configuration()
    {
        Hold(globex, isPrivate: true);
        Assert.True((await FetchAsync()).IsFound);
        Assert.False(received.Has(Module.Path));
    }

    [Fact]
    public async Task What_cannot_be_noted_is_not_taken()
    {
        kept = new([], "/nonexistent/folder");
        Hold(acme, isPrivate: true);
        var outcome = await FetchAsync();
        Assert.Equal(OutcomeKind.Unavailable, outcome.Kind);
        Assert.Contains("private at a peer", outcome.Reason, StringComparison.Ordinal);
    }

    private void Hold(TwinPeer peer, bool isPrivate)
    {
        rig.Connect(peer);
        peer.Locations[Module] = peer.Location(TwinPeer.Record(Module, "genuine") with { Further = isPrivate ? $"salt {new string('a', 32)}\n" : "" });
    }

    private async Task<Outcome<ModuleFacts>> FetchAsync()
    {
        var found = rig.Transfer;
        ReceivingTransfer receiving = new(
            (fetch, _, holders, _) => found(fetch, holders()), new PrivateGate(new FederationOptions { Org = "globex" }, kept), kept, NullLogger<ReceivingTransfer>.Instance);
        rig.Transfer = (fetch, holders) => receiving.RunAsync(fetch, holders[0].Record, () => holders, CancellationToken.None);
        var flight = await rig.FetchOfAsync(Module);
        if (isProven)
        {
            var record = TwinPeer.Record(Module, "genuine");
            flight.Trust.Add(new PublicProof("sum.example", 1, new HashPair(record.ZipHash, record.ModHash)));
        }

        return await rig.AdvanceUntilAsync(rig.Source.FetchAsync(flight, CancellationToken.None));
    }
}
