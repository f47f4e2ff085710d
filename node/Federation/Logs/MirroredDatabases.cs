using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Retrieval.Records;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>The mirrored logs that this node serves to <c>go</c>: all that are followed and have a head.</summary>
internal sealed partial class MirroredDatabases(
    MirrorSet mirrors, NodeLog own, PeerTable peers, PeerCalls calls, IIncidents? incidents, TimeProvider time, ILogger<MirroredDatabases> logger)
    : IChecksumDatabaseSet
{
    // One for each mirror that was ever served, so as many as there are logs; null for those that never are.
    private readonly ConcurrentDictionary<Mirror, MirroredDatabase?> databases = new();

    public IChecksumDatabase? Find(ReadOnlySpan<char> path)
    {
        foreach (Mirror mirror in mirrors.All)
        {
            if (path.Length > mirror.Name.Length && path[mirror.Name.Length] == '/' && path.StartsWith(mirror.Name, StringComparison.Ordinal)
                && mirror.Followed is not null && mirror.Head is not null
                && databases.GetOrAdd(mirror, Serve) is { } database)
            {
                return mirror.EndedBy is { } rotation && Former(mirror, rotation) is { } former ? former : database;
            }
        }

        return null;
    }

    /// <summary>A log that went on under another key is served out of that one; null when it is not mirrored.</summary>
    private FormerLogDatabase? Former(Mirror former, LogRotation rotation)
    {
        if (mirrors.Find(rotation.To) is not { Head: not null, Followed: not null } present
            || present.Owner != former.Owner
            || databases.GetOrAdd(present, Serve) is not { } database)
        {
            return null;
        }

        return new FormerLogDatabase(database, rotation, () =>
            incidents?.WhyQuarantined(former.Key) is { } why ? $"{why}\n{FormerLogDatabase.Advice(rotation)}"
            : SignedNote.Parse(present.Head!.Latest.Span, out _)?.IsSignedBy(former.Key) == true ? null
            : FormerLogDatabase.Advice(rotation));
    }

    /// <summary>
    /// A peer names its log, and could take a name that begins another one's paths. Names of the form that nodes give are none's beginning but their own; of two
    /// logs with one name the first that was known is served.
    /// </summary>
    private MirroredDatabase? Serve(Mirror mirror)
    {
        if (LogName().IsMatch(mirror.Name)
            && mirror.Name != own.Name
            && mirrors.All.First(other => other.Name == mirror.Name) == mirror)
        {
            return new MirroredDatabase(mirror, peers, calls, incidents, time, logger);
        }

        logger.NameNotServed(mirror.Name, mirror.Followed?.Peer ?? mirror.Owner);
        return null;
    }

    [GeneratedRegex("^[A-Za-z0-9._-]+/[0-9a-f]{8}$", RegexOptions.None, 1000)]
    private static partial Regex LogName();
}
