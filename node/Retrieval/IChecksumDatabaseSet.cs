namespace Athens.Federation.Node.Retrieval;

/// <summary>Checksum databases that come and go while the node runs, beside those that are there from its start.</summary>
internal interface IChecksumDatabaseSet
{
    /// <summary>The database whose name a path begins with, followed by a slash; null when there is none. Quick, no I/O.</summary>
    /// <param name="path">What stands behind <c>/sumdb/</c>. Hostile.</param>
    IChecksumDatabase? Find(ReadOnlySpan<char> path);
}
