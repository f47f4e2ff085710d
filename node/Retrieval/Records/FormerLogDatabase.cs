using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.LogKeys;

namespace Athens.Federation.Node.Retrieval.Records;

/// <summary>
/// A log under the name that it had before its key was rotated. As long as its heads have the signature of that key too, whoever has that line is served as before; then
/// he is told the line of now, and never 404, with which <c>go</c> would look for the log elsewhere.
/// </summary>
/// <param name="present">The log under its present name.</param>
/// <param name="rotation">Between the two names.</param>
/// <param name="whyNot">Why nothing is served under the former name; null while it is.</param>
internal sealed class FormerLogDatabase(IChecksumDatabase present, LogRotation rotation, Func<string?> whyNot) : IChecksumDatabase
{
    public string Name => rotation.From.Name;

    /// <summary>What a developer with the former line is to do.</summary>
    public static string Advice(LogRotation rotation) => $"the log {rotation.From.Name} goes on under another key; set GOSUMDB={rotation.To}";

    public ValueTask<Outcome<ChecksumAnswer>> LookupAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        whyNot() is { } reason ? new(Outcome<ChecksumAnswer>.Forbidden(reason)) : present.LookupAsync(module, cancellationToken);

    public ValueTask<Outcome<ChecksumAnswer>> ReadAsync(string resource, CancellationToken cancellationToken) =>
        whyNot() is { } reason ? new(Outcome<ChecksumAnswer>.Forbidden(reason)) : present.ReadAsync(resource, cancellationToken);
}
