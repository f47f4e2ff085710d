using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Incidents;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Federation.Peers;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Provenance.Incidents;
using Athens.Federation.Tests.Provenance.OwnLog;
using Athens.Federation.Tests.Retrieval;
using Microsoft.Extensions.Logging.Abstractions;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Incidents;

/// <summary>Evidence is named by many and taken once; whoever names it and does not give it, or gives something else, keeps nobody from it.</summary>
public sealed class EvidenceGossipTests : IAsyncLifetime, IDisposable
{
    private readonly ManualTime time = new();
    private readonly SigningKey identity = SigningKey.Create("own/identity");
    private readonly CancellationTokenSource over = new();
    private readonly List<NamingPeer> peers = [];
    private readonly List<Task> running = [];
    private NodeCertificate certificate = null!;
    private PeerDialer dialer = null!;
    private BookRig rig = null!;
    private EvidenceClaims claims = null!;

    public async Task InitializeAsync()
    {
        rig = await BookRig.OpenAsync();
        certificate = new NodeCertificate(identity, TimeProvider.System);
        dialer = new PeerDialer(certificate, new Wire.WhoAreYouRequest(), static _ => true, time, new Random(1));
        claims = new EvidenceClaims(rig.Book, time);
    }

    public async Task DisposeAsync()
    {
        await over.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        peers.ForEach(static peer => peer.Dispose());
        await rig.DisposeAsync();
    }

    public void Dispose()
    {
        certificate.Dispose();
        identity.Dispose();
        over.Dispose();
    }

    [Fact]
    public async Task A_piece_that_many_name_is_taken_once()
    {
        byte[][] evidence = [.. Enumerable.Range(1, 40).Select(Dispute)];
        for (int i = 0; i < 6; i++)
        {
            Follow(Peer($"peer{i}").Name(evidence));
        }

        await HasAsync(evidence);
        Assert.Equal(evidence.Length, peers.Sum(static peer => peer.Asked.Count));
        Assert.Equal(evidence.Length, rig.Book.All.Count);

        // Whoever names it later is not asked at all, and what is new after that still comes.
        byte[] other = Dispute(50);
        NamingPeer late = Peer("late").Name([.. evidence, other]);
        Follow(late);
        await HasAsync(other);
        Assert.Equal([EvidenceName.Of(other)], late.Asked);
    }

    [Fact]
    public async Task A_peer_that_names_evidence_and_never_gives_it_holds_it_back_for_a_moment_only()
    {
        byte[] evidence = Dispute(1);
        NamingPeer silent = Peer("silent").Name(evidence);
        silent.Give = static async (_, cancelled) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancelled);
            return null;
        };
        Follow(silent);
        await UntilAsync(() => !silent.Asked.IsEmpty);
        NamingPeer honest = Peer("honest").Name(evidence);
        Follow(honest);
        DateTimeOffset start = time.GetUtcNow();
        await PeersRig.AdvanceUntilAsync(time, HasAsync(evidence));
        Assert.Single(honest.Asked);
        Assert.True(time.GetUtcNow() - start >= EvidenceClaims.Patience);
        await PeersRig.AdvanceUntilAsync(time, UntilAsync(() => silent.Peer.IsSetAside));
        Assert.Contains("no evidence within", silent.Peer.WhySetAside, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_one_peer_has_no_more_comes_from_the_next()
    {
        byte[] evidence = Dispute(1);
        NamingPeer forgetful = Peer("forgetful").Name(evidence);
        forgetful.Pieces.Clear();
        Follow(forgetful);
        await UntilAsync(() => !forgetful.Asked.IsEmpty);
        Follow(Peer("honest").Name(evidence));
        await HasAsync(evidence);
        Assert.False(forgetful.Peer.IsSetAside);
    }

    [Fact]
    public async Task Evidence_that_does_not_match_its_id_is_a_lie_and_the_next_peer_is_asked()
    {
        (byte[] evidence, byte[] other) = (Dispute(1), Dispute(2));
        NamingPeer liar = Peer("liar").Name(evidence);
        liar.Give = (_, _) => Task.FromResult<byte[]?>(other);
        Follow(liar);
        await UntilAsync(() => liar.Peer.IsSetAside);
        Assert.Contains("which it was not asked for", liar.Peer.WhySetAside, StringComparison.Ordinal);
        Assert.Empty(rig.Book.All);
        Follow(Peer("honest").Name(evidence));
        await HasAsync(evidence);
    }

    [Fact]
    public async Task One_piece_given_twice_for_one_id_is_a_lie()
    {
        (byte[] evidence, byte[] other) = (Dispute(1), Dispute(2));
        NamingPeer liar = Peer("liar").Name(evidence, other);
        liar.Give = (_, _) => Task.FromResult<byte[]?>(evidence);
        Follow(liar);
        await UntilAsync(() => liar.Peer.IsSetAside);
        Assert.Equal(PeerFault.Lied.ToString(), liar.Peer.WhySetAside.Split(':')[0]);
    }

    [Fact]
    public async Task Evidence_that_proves_nothing_is_a_lie_and_does_not_count_as_seen()
    {
        byte[] evidence = Dispute(1);
        evidence[^30] ^= 1;
        NamingPeer liar = Peer("liar").Name(evidence);
        Follow(liar);
        await UntilAsync(() => liar.Peer.IsSetAside);
        Assert.Contains("proves nothing", liar.Peer.WhySetAside, StringComparison.Ordinal);
        Assert.True(claims.IsWanted(EvidenceName.Of(evidence)));
    }

    [Fact]
    public async Task Whoever_names_ids_without_an_end_is_asked_for_a_bounded_number_and_set_aside()
    {
        NamingPeer flooding = Peer("flooding");
        for (ulong i = 0; i < 3; i++)
        {
            flooding.NameIds(Enumerable.Range(1, EvidenceAnswers.MaxNamed).Select(n => (i << 32) | (uint)n));
        }

        Follow(flooding);
        await UntilAsync(() => flooding.Peer.IsSetAside);
        Assert.Contains("without an end", flooding.Peer.WhySetAside, StringComparison.Ordinal);
        Assert.InRange(flooding.Asked.Count, 1, EvidenceFollower.Burst + EvidenceAnswers.MaxGiven);

        // Nobody else is in its way.
        byte[] evidence = Dispute(1);
        Follow(Peer("honest").Name(evidence));
        await HasAsync(evidence);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(EvidenceAnswers.MaxNamed + 1)]
    public async Task News_of_no_ids_or_of_too_many_break_the_protocol(int count)
    {
        NamingPeer odd = Peer("odd").NameIds(Enumerable.Range(1, count).Select(static n => (ulong)n));
        Follow(odd);
        await UntilAsync(() => odd.Peer.IsSetAside);
        Assert.Contains($"it named {count} pieces", odd.Peer.WhySetAside, StringComparison.Ordinal);
        Assert.Empty(odd.Asked);
    }

    [Fact]
    public async Task What_was_looked_at_and_not_kept_is_not_asked_of_the_next_for_a_while()
    {
        byte[] fork = rig.Cases.Fork(10, 37);
        Follow(Peer("first").Name(fork));
        await HasAsync(fork);

        // The same key is in quarantine already: it says nothing new.
        byte[] other = rig.Cases.Fork(10, 10);
        NamingPeer second = Peer("second").Name(other);
        Follow(second);
        await UntilAsync(() => !claims.IsWanted(EvidenceName.Of(other)));
        Assert.Single(rig.Book.All);
        time.Advance(EvidenceClaims.SettledFor);
        Assert.True(claims.IsWanted(EvidenceName.Of(other)));
    }

    [Fact]
    public void What_is_remembered_of_pieces_of_no_use_is_bounded()
    {
        for (ulong i = 0; i <= EvidenceClaims.MaxSettled; i++)
        {
            claims.Settle(i);
        }

        Assert.True(claims.IsWanted(0));
        Assert.False(claims.IsWanted(1));
        Assert.False(claims.IsWanted(EvidenceClaims.MaxSettled));
    }

    private byte[] Dispute(int module) =>
        Evidence.OfConflictingRecords(Cases.Signed(rig.Cases.A, SampleRecord.Of(module)), Cases.Signed(rig.Cases.B, SampleRecord.Of(module, "other")));

    private NamingPeer Peer(string name)
    {
        peers.Add(new NamingPeer(name, time));
        return peers[^1];
    }

    private void Follow(NamingPeer peer) => running.Add(new EvidenceFollower(peer.Peer, rig.Book, claims, dialer, NullLogger.Instance).RunAsync(over.Token));

    private Task<bool> HasAsync(params byte[][] evidence) => UntilAsync(() => Array.TrueForAll(evidence, piece => rig.Book.Find(Evidence.IdOf(piece)) is not null));

    private static async Task<bool> UntilAsync(Func<bool> isSo)
    {
        Assert.True(await ShortPause.UntilAsync(() => Task.FromResult(isSo()), static so => so));
        return true;
    }
}
