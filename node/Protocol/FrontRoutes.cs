namespace Athens.Federation.Node.Protocol;

/// <summary>Which answer a path has.</summary>
internal sealed class FrontRoutes(ModuleAnswers modules, HeldAnswers held, ChecksumAnswers checksums, NodeAnswers node)
{
    /// <exception cref="Retrieval.StoreFailedException">The store could not be written to.</exception>
    public ValueTask<Answer> FindAsync(HttpRequest request, string path, string requestId, CancellationToken cancellationToken)
    {
        if (path.StartsWith(ChecksumAnswers.Prefix, StringComparison.Ordinal))
        {
            return checksums.AnswerAsync(path, requestId, cancellationToken);
        }

        var target = ModuleTarget.Parse(path);
        if (target.Kind != TargetKind.Unknown)
        {
            return modules.AnswerAsync(target, requestId, cancellationToken);
        }

        return path switch
        {
            "/catalog" => held.CatalogAsync(request.Query, requestId, cancellationToken),
            "/index" => held.IndexAsync(request.Query, requestId, cancellationToken),
            _ => node.Find(path, request) ?? new(FailureAnswers.Unknown(requestId)),
        };
    }
}
