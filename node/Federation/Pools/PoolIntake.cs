using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Pool;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Takes news of the pool from all peers, however they come. The book believes signatures only, so a peer that is behind or wrong does no harm; one that sends too
/// much is told so. Thread safe.
/// </summary>
internal sealed class PoolIntake(PoolBook book, TimeProvider time)
{
    /// <summary>Messages of one organization that are looked at or wait: each is some 600 KiB at most.</summary>
    private const int MaxInside = 8;

    /// <summary>Organizations that are remembered, else all are forgotten: a pool has a hundred, and a peer that is of none counts as one.</summary>
    private const int MaxOrgs = 256;

    private static readonly TimeSpan ComeBack = TimeSpan.FromMilliseconds(250);

    // Guards itself.
    private readonly Dictionary<string, OrgIntake> orgs = new(StringComparer.Ordinal);

    /// <summary>The same as <see cref="TakeAsync"/> for news that a peer tells unasked: too many of one organization are not waited for.</summary>
    public Task<string?> HearAsync(PeerOptions peer, Wire.PoolNews news, CancellationToken cancellationToken) =>
        Of(NameOf(peer)).Inside >= MaxInside
            ? throw Refusal.TooMuch("what this organization told before is being looked at", ComeBack)
            : TakeAsync(peer, news, cancellationToken);

    /// <summary>Null when the news were looked at; else what about them breaks a bound of pool.proto.</summary>
    /// <exception cref="IOException">What is new cannot be kept.</exception>
    public async Task<string?> TakeAsync(PeerOptions peer, Wire.PoolNews news, CancellationToken cancellationToken)
    {
        OrgIntake sender = Of(NameOf(peer));
        sender.Enter();
        try
        {
            await sender.Turn.WaitAsync(cancellationToken);
            try
            {
                return Take(sender, news);
            }
            finally
            {
                sender.Turn.Release();
            }
        }
        finally
        {
            sender.Leave();
        }
    }

    private string? Take(OrgIntake sender, Wire.PoolNews news)
    {
        if (WhyTooMuch(sender, news) is { } reason)
        {
            return reason;
        }

        if (!news.Root.IsEmpty)
        {
            sender.HasTold(book.TakeRoot(news.Root.Memory), isProposal: false);
        }

        if (!news.Proposal.IsEmpty)
        {
            sender.HasTold(book.TakeProposal(news.Proposal.Memory), isProposal: true);
        }

        TakeStatements(sender, news.Statements);
        return null;
    }

    /// <summary>Those of an organization that has said too much lately are left out: a peer that passes them on did nothing wrong.</summary>
    private void TakeStatements(OrgIntake sender, RepeatedField<ByteString> notes)
    {
        List<(ByteString Note, OrgIntake Org)> some = [.. notes.Select(note => (note, Of(OrgIntake.Claimed(note)))).Where(one => one.Item2.HasRoom())];
        IReadOnlyList<PoolTaken> ends = some.Count == 0 ? [] : book.TakeStatements([.. some.Select(static one => one.Note.Memory)]);
        int wasted = ends.Count(static one => one.End is PoolEnd.Refused or PoolEnd.Conflict);
        foreach ((OrgIntake org, PoolTaken end) in some.Select(static one => one.Org).Zip(ends))
        {
            if (end.End == PoolEnd.Taken)
            {
                org.HasChanged();
            }
        }

        sender.Charge(wasted + (sender.HasRoom() ? 0 : notes.Count - some.Count));
    }

    private OrgIntake Of(string org)
    {
        lock (orgs)
        {
            if (!orgs.TryGetValue(org, out OrgIntake? intake))
            {
                if (orgs.Count >= MaxOrgs)
                {
                    orgs.Clear();
                }

                orgs[org] = intake = new OrgIntake(time);
            }

            return intake;
        }
    }

    private static string NameOf(PeerOptions peer) => peer.Org.Length > 0 ? peer.Org : peer.Key.ToString();

    private static string? WhyTooMuch(OrgIntake sender, Wire.PoolNews news) =>
        !sender.TryHear() ? "its organization sends news of the pool without an end"
        : news.Root.Length > PoolBounds.MaxRoot || news.Proposal.Length > PoolBounds.MaxRoot ? $"it sent a root of more than {PoolBounds.MaxRoot} bytes"
        : news.Statements.Count > PoolBounds.MaxStatements ? $"it sent more than {PoolBounds.MaxStatements} statements in one message"
        : news.Statements.Any(static statement => statement.Length > PoolBounds.MaxStatement) ? $"it sent a statement of more than {PoolBounds.MaxStatement} bytes"
        : null;
}
