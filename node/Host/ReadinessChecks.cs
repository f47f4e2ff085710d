using Athens.Federation.Node.Protocol;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Upstream;

namespace Athens.Federation.Node.Host;

/// <summary>The store can be written to.</summary>
internal sealed class StoreReadiness(IModuleStore store) : IReadinessCheck
{
    public string Name => "store writable";

    public ValueTask<string?> CheckAsync(CancellationToken cancellationToken) => store.CheckWritableAsync(cancellationToken);
}

/// <summary>The <c>go</c> and <c>git</c> commands are there; a node that never goes upstream needs neither.</summary>
internal sealed class GoReadiness(GoCommand go) : IReadinessCheck
{
    public string Name => "go present";

    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken) => await go.CheckAsync(cancellationToken);
}
