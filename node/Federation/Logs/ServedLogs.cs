using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>The logs that this node answers peers for.</summary>
/// <param name="own">Its own.</param>
/// <param name="mirrors">Those of others.</param>
/// <param name="database">Its own log as a checksum database, which retrieves what it does not have yet.</param>
internal sealed class ServedLogs(NodeLog own, MirrorSet mirrors, IChecksumDatabase database)
{
    private readonly OwnReadableLog readable = new(own);

    public NodeLog Own => own;

    public MirrorSet Mirrors => mirrors;

    public IChecksumDatabase Database => database;

    /// <summary>A log by its name, an empty one for this node's own; null when nothing can be told of it.</summary>
    public IReadableLog? Find(string name) =>
        name.Length == 0 || string.Equals(name, own.Name, StringComparison.Ordinal)
            ? readable
            : mirrors.All.FirstOrDefault(mirror => mirror.IsUsed && string.Equals(mirror.Name, name, StringComparison.Ordinal));
}
