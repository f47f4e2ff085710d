namespace Athens.Federation.Node.Protocol;

/// <summary>One condition that must hold before this node should be sent requests; <c>/readyz</c> asks all of them.</summary>
internal interface IReadinessCheck
{
    /// <summary>A few words for the operator, e.g. <c>store writable</c>.</summary>
    string Name { get; }

    /// <summary>Null when the condition holds, else what is wrong and what to do.</summary>
    ValueTask<string?> CheckAsync(CancellationToken cancellationToken);
}
