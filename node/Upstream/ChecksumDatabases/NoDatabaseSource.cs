using Athens.Federation.Node.Provenance.PublicDatabases;

namespace Athens.Federation.Node.Upstream.ChecksumDatabases;

/// <summary>For a node that never goes upstream: what it has kept of a database is all there is.</summary>
internal sealed class NoDatabaseSource : IDatabaseSource
{
    public Task<SourceAnswer> GetAsync(string resource, int maxLength, CancellationToken cancellationToken) =>
        Task.FromResult(SourceAnswer.Failed("this node does not go upstream ([upstream] goproxy = \"off\")"));
}
