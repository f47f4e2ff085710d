namespace Athens.Federation.Node.Provenance.Witnessing;

/// <summary>What a witness must never forget: the largest checkpoint that it cosigned of each log. Every method throws an <see cref="IOException"/> that tells an operator what to do.</summary>
internal interface IWitnessStore : IAsyncDisposable
{
    /// <summary>The checkpoint last kept of a log; null when there is none.</summary>
    /// <param name="log">The log's verifier key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<ReadOnlyMemory<byte>?> FindAsync(string log, CancellationToken cancellationToken);

    /// <summary>How many logs are kept of one owner.</summary>
    ValueTask<long> CountAsync(string owner, CancellationToken cancellationToken);

    /// <summary>Keeps a checkpoint in place of the one before, durably before it returns. When it throws, either may be the case.</summary>
    Task KeepAsync(string log, string owner, ReadOnlyMemory<byte> checkpoint, CancellationToken cancellationToken);
}
