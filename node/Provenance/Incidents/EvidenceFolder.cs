namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>The evidence of kept incidents as files for people, <c>&lt;data&gt;/evidence/incidents/ID.txt</c>. The store has it too: a file that is missing is missed by nobody else.</summary>
/// <param name="dataFolder">The node's; null for a node that keeps nothing.</param>
internal sealed class EvidenceFolder(string? dataFolder)
{
    private readonly string? folder = dataFolder is null ? null : Path.Combine(Path.GetFullPath(dataFolder), "evidence", "incidents");

    /// <summary>Where an incident's file is; what to say instead when there is none.</summary>
    public string PathOf(string id) => folder is null ? "kept in memory" : Path.Combine(folder, id + ".txt");

    /// <summary>Writes a file, once. Touches the disk.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Keep(string id, ReadOnlySpan<byte> evidence)
    {
        if (folder is null)
        {
            return;
        }

        try
        {
            DurableFile.CreateFolder(folder);
            if (DurableFile.TryCreate(PathOf(id), evidence))
            {
                DurableFile.Sync(folder);
            }
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    /// <summary>Removes the file of an incident that is forgotten.</summary>
    public void Drop(string id)
    {
        try
        {
            if (folder is not null)
            {
                File.Delete(PathOf(id));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Litter that says what it is.
        }
    }
}
