using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// A Go checksum database that the front serves at <c>/sumdb/NAME/…</c>: this node's own log, or another one whose answers were verified
/// before they are passed on (golang.org/x/mod/sumdb, https://go.dev/ref/mod#checksum-database). Its <c>supported</c> is answered by the front.
/// Every one in the container is served; of several names that a request begins with the longest counts.
/// </summary>
internal interface IChecksumDatabase
{
    /// <summary>As in GOSUMDB: <c>host</c>, or <c>host/path</c>.</summary>
    string Name { get; }

    /// <summary>
    /// The answer to <c>lookup/PATH@VERSION</c>: the record's number, its text, a blank line, and a signed head of a tree that has it.
    /// Absent sends <c>go</c> on to its next proxy; what may not be asked of this database is Forbidden.
    /// </summary>
    ValueTask<Outcome<ChecksumAnswer>> LookupAsync(ModuleVersion module, CancellationToken cancellationToken);

    /// <summary>
    /// The other resources: <c>latest</c>, and tiles of hashes or records (<c>tile/8/0/x001/234.p/5</c>). Absent or NotHeld when there is no such.
    /// </summary>
    /// <param name="resource">The path below the name, without a slash before it. Hostile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Outcome<ChecksumAnswer>> ReadAsync(string resource, CancellationToken cancellationToken);
}

/// <summary>What a checksum database answers.</summary>
/// <param name="Body">As it goes over the wire.</param>
/// <param name="IsImmutable">The same for ever, as a tile is; look-ups and heads are not.</param>
internal sealed record ChecksumAnswer(ReadOnlyMemory<byte> Body, bool IsImmutable);
