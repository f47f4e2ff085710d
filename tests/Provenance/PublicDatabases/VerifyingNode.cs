using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Provenance.PublicDatabases;

/// <summary>A verified database over a real archive on disk and a source that can be exchanged, as on a node.</summary>
internal sealed class VerifyingNode : IDatabaseSource, IDisposable
{
    private readonly Support.TemporaryFolder folder = new("sumdb");
    private readonly DatabaseIdentity identity;
    private DatabaseArchive archive;

    /// <param name="log">The first source.</param>
    /// <param name="never">Module paths that are never asked for.</param>
    public VerifyingNode(PublishedLog log, string never = "")
    {
        Never = never;
        Source = log;
        identity = log.Identity;
        (archive, Database) = Open();
    }

    public VerifiedDatabase Database { get; private set; }

    /// <summary>Module paths that are never asked for, from the next <see cref="Restart"/> on.</summary>
    public string Never { get; set; }

    /// <summary>Who answers now.</summary>
    public IDatabaseSource? Source { get; set; }

    /// <summary>How often the source was asked.</summary>
    public int Asked { get; private set; }

    public IDatabaseArchive Archive => archive;

    public string DataFolder => folder.Path;

    /// <summary>What was written as evidence.</summary>
    public IReadOnlyList<string> Evidence
    {
        get
        {
            var evidence = Path.Combine(folder.Path, "evidence", "sumdb");
            return Directory.Exists(evidence) ? [.. Directory.EnumerateFiles(evidence).Order(StringComparer.Ordinal).Select(File.ReadAllText)] : [];
        }
    }

    /// <summary>As after a restart of the node: nothing but the disk is left.</summary>
    public void Restart()
    {
        Database.Dispose();
        archive.Dispose();
        (archive, Database) = Open();
    }

    public Task<SourceAnswer> GetAsync(string resource, int maxLength, CancellationToken cancellationToken)
    {
        Asked++;
        return Source?.GetAsync(resource, maxLength, cancellationToken) ?? Task.FromResult(SourceAnswer.Failed("the source is down"));
    }

    public void Dispose()
    {
        Database.Dispose();
        archive.Dispose();
        folder.Dispose();
    }

    private (DatabaseArchive Archive, VerifiedDatabase Database) Open()
    {
        var opened = DatabaseArchive.Open(new StoreLayout(folder.Path), 0, identity.Key.ToString());
        var evidence = new DatabaseEvidence(folder.Path);
        return (opened, new VerifiedDatabase(identity, this, opened, evidence, new PrefixPatterns(Never), NullLogger<VerifiedDatabase>.Instance));
    }
}
