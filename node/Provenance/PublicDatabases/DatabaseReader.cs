using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>Reads hashes of a signed tree by its tiles, kept ones and the source's, none of which is believed before it fits the head.</summary>
internal sealed class DatabaseReader(DatabaseIdentity database, IDatabaseSource source, IDatabaseArchive archive)
{
    /// <summary>Runs one proof. Gives its result, and the tiles that were not kept before, for the caller to keep.</summary>
    /// <param name="by">The tree to read, and what a failure is told with.</param>
    /// <param name="useKept">See <see cref="DatabaseTiles"/>.</param>
    /// <param name="read">Asks for hashes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatabaseMisbehavedException">The source's tiles do not belong to the tree.</exception>
    /// <exception cref="IOException">The source or the archive failed.</exception>
    public async Task<(T Value, IReadOnlyList<KeptTile> New)> ReadAsync<T>(
        ReadPurpose by, bool useKept, Func<IHashReader, CancellationToken, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        var tiles = new DatabaseTiles(source, archive, useKept);
        try
        {
            return (await read(new VerifiedHashReader(by.Head.Tree, tiles), cancellationToken), tiles.Proven);
        }
        catch (BadTileException) when (tiles.UsedKept)
        {
            // A kept tile may have been damaged on the disk: whether the source lies shows without them, and what it gives mends them.
            return await ReadAsync(by, useKept: false, read, cancellationToken);
        }
        catch (BadTileException error)
        {
            throw new DatabaseMisbehavedException(new DatabaseIncident(database, DatabaseFault.BadTile, $"{database.Name}: {error.Message}")
            {
                Resource = by.Resource,
                Known = by.Head.Note,
                Met = by.Met,
                Tiles = error.Tiles,
            });
        }
    }
}

/// <param name="Head">The tree that is read.</param>
/// <param name="Resource">The question on whose behalf.</param>
/// <param name="Met">The head that is compared with it, if any.</param>
internal sealed record ReadPurpose(SignedHead Head, string Resource, SignedNote? Met = null);
