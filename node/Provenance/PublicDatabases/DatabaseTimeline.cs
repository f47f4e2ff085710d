using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>
/// The one history of a checksum database that this node believes, as its latest head. Every head that is met must be a beginning of it or
/// a continuation; a continuation takes its place, durably, before anybody sees it.
/// </summary>
/// <remarks>
/// It also keeps what a fresh client needs with no source at hand: a tree's tiles at the right edge, and whenever the tree grows the tiles that
/// were partial before, read again as wide as they now are. So the way from any record proven once, and from any earlier head, up to the
/// latest head consists of kept tiles.
/// </remarks>
internal sealed class DatabaseTimeline(DatabaseIdentity database, DatabaseReader reader, IDatabaseArchive archive) : IDisposable
{
    /// <summary>Lets one head after the other be compared; held while its tiles are fetched, so only those wait who bring a head too.</summary>
    private readonly SemaphoreSlim gate = new(1);
    private volatile SignedHead? head;

    /// <summary>The latest head, or null when none was ever met.</summary>
    /// <exception cref="IOException">It could not be read.</exception>
    public async ValueTask<SignedHead?> HeadAsync(CancellationToken cancellationToken)
    {
        if (head is not null || await archive.HeadAsync(cancellationToken) is not { } kept)
        {
            return head;
        }

        if (SignedNote.Parse(kept, out _) is not { } note || !note.IsSignedBy(database.Key) || GoTreeHead.Parse(note.Text, out _) is not { } tree)
        {
            throw new IOException($"the head of {database.Name} that this node has kept is damaged; stop the node and move sumdb.db away; a new one is made");
        }

        Interlocked.CompareExchange(ref head, new SignedHead(note, tree), null);
        return head;
    }

    /// <summary>Takes a head into the timeline, and gives back the latest, which may be another.</summary>
    /// <exception cref="DatabaseMisbehavedException">It is not of this history, or the source's tiles do not belong to it.</exception>
    /// <exception cref="IOException">The source or the archive failed.</exception>
    public async Task<SignedHead> MergeAsync(SignedHead met, string resource, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            var known = await HeadAsync(cancellationToken);
            if (known is null || met.Tree.Size > known.Tree.Size)
            {
                await GrowAsync(known, met, resource, cancellationToken);
                return met;
            }

            if (met.Tree.Size < known.Tree.Size)
            {
                await CompareEarlierAsync(known, met, resource, cancellationToken);
            }
            else if (met.Tree.Size > 0 && met.Tree.Root != known.Tree.Root)
            {
                throw Forked(known, met, [], resource);
            }

            return known;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private async Task GrowAsync(SignedHead? known, SignedHead met, string resource, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeptTile> tiles = [];
        if (met.Tree.Size > 0)
        {
            // Kept tiles are of the history known: if this head is of another one, only its own tiles can show it.
            var before = known?.Tree.Size ?? 0;
            (var proof, tiles) = await reader.ReadAsync(
                new ReadPurpose(met, resource, known?.Note),
                useKept: false,
                (hashes, token) => PrefixProof.ProveAsync(before, met.Tree.Size, hashes, token),
                cancellationToken);
            if (before > 0 && PrefixProof.RootOf(proof, before, met.Tree) != known!.Tree.Root)
            {
                throw Forked(known, met, proof, resource);
            }
        }

        await archive.KeepAsync(new ArchiveAddition { Head = met.Note.ToBytes(), Tiles = tiles }, cancellationToken);
        head = met;
    }

    /// <summary>Heads behind the latest are common, as look-ups are cached on their way: fine when they lie on the timeline.</summary>
    private async Task CompareEarlierAsync(SignedHead known, SignedHead met, string resource, CancellationToken cancellationToken)
    {
        if (met.Tree.Size == 0)
        {
            return;
        }

        var (proof, tiles) = await reader.ReadAsync(
            new ReadPurpose(known, resource, met.Note),
            useKept: true,
            (hashes, token) => PrefixProof.ProveAsync(met.Tree.Size, known.Tree.Size, hashes, token),
            cancellationToken);
        if (PrefixProof.RootOf(proof, met.Tree.Size, known.Tree) != met.Tree.Root)
        {
            throw Forked(known, met, proof, resource);
        }

        await archive.KeepAsync(new ArchiveAddition { Tiles = tiles }, cancellationToken);
    }

    private DatabaseMisbehavedException Forked(SignedHead known, SignedHead met, IReadOnlyList<MerkleHash> proof, string resource) =>
        new(new DatabaseIncident(
            database,
            DatabaseFault.Fork,
            $"{database.Name} has signed two histories: its tree of {met.Tree.Size} records does not agree with the tree of {known.Tree.Size} known before")
        {
            Resource = resource,
            Known = known.Note,
            Met = met.Note,
            Proof = proof,
        });
}
