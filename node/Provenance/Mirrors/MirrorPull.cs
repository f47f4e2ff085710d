using System.Text;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>
/// One pull of a mirror from one source. Each batch of leaves is believed only when the tree that it makes is proven to belong to the signed head that the
/// pull goes to, so nothing that is stored is ever taken back; and it is shown only once that head is reached.
/// </summary>
internal sealed class MirrorPull(Mirror mirror, IMirrorSource source, bool withVouched, ILogger logger)
{
    /// <summary>Leaves of one batch, of which two are in memory: 8 MiB of usual records.</summary>
    public const int BatchSize = 8192;

    public async Task<PullResult> RunAsync(SignedHead met, CancellationToken cancellationToken)
    {
        if (mirror.Fault.Length > 0)
        {
            return new PullResult(PullEnd.Stopped, mirror.Fault);
        }

        if (met.Tree.Size > IMirrorStore.MaxSize)
        {
            return new PullResult(PullEnd.Stopped, $"no log of more than {IMirrorStore.MaxSize} records is mirrored, and this has {met.Tree.Size}");
        }

        if ((mirror.Goal ?? mirror.Head) is { } known && met.Tree.Size <= known.Tree.Size)
        {
            var compared = await CompareAsync(known, met, cancellationToken);
            if (compared.End != PullEnd.Level || mirror.Goal is null)
            {
                return compared;
            }
        }

        // First where the last pull was going to: what the log signed then is not forgotten.
        var goal = mirror.Goal;
        if (goal is not null && await GoAsync(goal, cancellationToken) is { End: not PullEnd.Level } ended)
        {
            return ended;
        }

        return goal?.Tree == met.Tree ? new PullResult(PullEnd.Level) : await GoAsync(met, cancellationToken);
    }

    /// <summary>A head that is not ahead of what is known.</summary>
    private async Task<PullResult> CompareAsync(SignedHead known, SignedHead met, CancellationToken cancellationToken)
    {
        if (known.Tree == met.Tree)
        {
            return new PullResult(PullEnd.Level);
        }

        if (MirrorFork.Of(mirror.Key, known, met, []) is { } open)
        {
            return await ForkedAsync(open, cancellationToken);
        }

        var size = met.Tree.Size;
        if (mirror.Head is not { } head || size > head.Tree.Size || size == 0)
        {
            return new PullResult(PullEnd.Behind);
        }

        var proof = await PrefixProof.ProveAsync(size, head.Tree.Size, mirror.HashesAt(head.Tree.Size)!, cancellationToken);
        return MirrorFork.Of(mirror.Key, met, head, proof) is { } fork ? await ForkedAsync(fork, cancellationToken) : new PullResult(PullEnd.Behind);
    }

    private async Task<PullResult> GoAsync(SignedHead goal, CancellationToken cancellationToken)
    {
        var growth = await LogGrowth.ReadAsync(mirror.Size, mirror.Tiles, cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var next = AskAsync(growth.Head.Size, goal, ending.Token);
        try
        {
            do
            {
                var leaves = await next;
                var first = growth.Head.Size;
                if (leaves.Count > Wanted(first, goal) || (leaves.Count == 0 && first < goal.Tree.Size))
                {
                    return new PullResult(PullEnd.Lied, $"it gave {leaves.Count} leaves for {Wanted(first, goal)}");
                }

                next = AskAsync(first + leaves.Count, goal, ending.Token);
                foreach (var leaf in leaves)
                {
                    growth.Append(leaf.Hash);
                }

                if (!await IsProvenAsync(growth.Head, goal, cancellationToken))
                {
                    return await FindOutAsync(goal, cancellationToken);
                }

                await mirror.CommitAsync(Read(first, leaves), growth.TakeTiles(), growth.Head, goal);
            }
            while (growth.Head.Size < goal.Tree.Size);
            return new PullResult(PullEnd.Level);
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static int Wanted(long first, SignedHead goal) => (int)Math.Min(BatchSize, goal.Tree.Size - first);

    private Task<IReadOnlyList<MirrorLeaf>> AskAsync(long first, SignedHead goal, CancellationToken cancellationToken) =>
        first < goal.Tree.Size ? source.LeavesAsync(first, Wanted(first, goal), cancellationToken) : Task.FromResult<IReadOnlyList<MirrorLeaf>>([]);

    private async Task<bool> IsProvenAsync(TreeHead grown, SignedHead goal, CancellationToken cancellationToken)
    {
        if (grown.Size == goal.Tree.Size)
        {
            return grown.Size == 0 || grown.Root == goal.Tree.Root;
        }

        var proof = await source.PrefixAsync(grown.Size, goal.Tree.Size, cancellationToken);
        return PrefixProof.RootOf(proof, grown.Size, goal.Tree) == grown.Root;
    }

    /// <summary>The leaves do not make the signed tree. Either the log has another history than before, or the source gave others.</summary>
    private async Task<PullResult> FindOutAsync(SignedHead goal, CancellationToken cancellationToken)
    {
        const string unfit = "its records do not make the tree whose head the log has signed";
        if (mirror.Head is not { Tree.Size: > 0 } known)
        {
            return new PullResult(PullEnd.Lied, unfit);
        }

        var proof = await source.PrefixAsync(known.Tree.Size, goal.Tree.Size, cancellationToken);
        return MirrorFork.Of(mirror.Key, known, goal, proof) is { } fork
            ? await ForkedAsync(fork, cancellationToken)
            : new PullResult(PullEnd.Lied, unfit);
    }

    private async Task<PullResult> ForkedAsync(MirrorFork fork, CancellationToken cancellationToken)
    {
        var reason = $"it has signed two histories: a head of {fork.Smaller.Tree.Size} records with the root {fork.Smaller.Tree.Root}, and one of "
            + $"{fork.Larger.Tree.Size} records with the root {fork.Larger.Tree.Root}, which are not of one tree";
        await mirror.StopAsync(fork, reason, cancellationToken);
        return new PullResult(PullEnd.Forked, reason);
    }

    /// <summary>The texts that are kept. A leaf that is no record stays a leaf: it is never found, nor served to <c>go</c>, which would accept anything for it.</summary>
    private List<NewText> Read(long first, IReadOnlyList<MirrorLeaf> leaves)
    {
        var texts = new List<NewText>(leaves.Count);
        var (unread, firstUnread, why) = (0, 0L, "");
        for (var i = 0; i < leaves.Count; i++)
        {
            if (leaves[i].Text is not { } text)
            {
                continue;
            }

            if (ParseRecord(text, out var reason) is not { } record)
            {
                (firstUnread, why) = unread++ == 0 ? (first + i, reason!) : (firstUnread, why);
            }
            else if (withVouched || !record.IsVouched)
            {
                texts.Add(new NewText(first + i, record.Module, text));
            }
        }

        if (unread > 0)
        {
            logger.NotRecords(mirror.Name, unread, firstUnread, why);
        }

        return texts;
    }

    /// <summary>A leaf as a record, or null and why it is none.</summary>
    public static ModuleRecord? ParseRecord(ReadOnlyMemory<byte> text, out string? reason)
    {
        if (text.Length > ModuleRecord.MaxLength || !LogRecord.IsValidText(text.Span))
        {
            reason = "it is too long, or no text that can stand in a log";
            return null;
        }

        return ModuleRecord.Parse(Encoding.UTF8.GetString(text.Span), out reason);
    }
}
