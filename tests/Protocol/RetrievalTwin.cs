using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Protocol;

/// <summary>Retrieval in memory: what was put in is found, whole paths can be made to fail, every name asked is kept.</summary>
internal sealed class RetrievalTwin : IModuleRetrieval
{
    public static readonly DateTimeOffset StoredAt = new(2026, 11, 20, 16, 56, 0, 123, TimeSpan.Zero);

    private readonly ConcurrentDictionary<(ModuleVersion Module, ModuleFileKind Kind), Func<StoredFile>> files = [];
    private readonly ConcurrentDictionary<string, VersionList> lists = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Path, string Query), ResolvedVersion> queries = [];

    /// <summary>Paths whose every question ends so.</summary>
    public ConcurrentDictionary<string, OutcomeKind> Failing { get; } = new(StringComparer.Ordinal);

    /// <summary>Paths whose every question throws.</summary>
    public ConcurrentDictionary<string, Exception> Throwing { get; } = new(StringComparer.Ordinal);

    /// <summary>Called with each module path and version or query that gets here.</summary>
    public Action<string, string>? Asked { get; set; }

    /// <summary>When set, every question waits for it, or for its token.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Completed once a question waits at the gate.</summary>
    public TaskCompletionSource AtGate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed once a waiting question's token was cancelled.</summary>
    public TaskCompletionSource GivenUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Put(string path, string version, ModuleFileKind kind, byte[] bytes) =>
        Put(path, version, kind, () => new StoredFile(bytes, DigestOf(bytes), StoredAt));

    public void Put(string path, string version, ModuleFileKind kind, Func<StoredFile> open) =>
        files[(ModuleVersion.Create(path, version, out _)!, kind)] = open;

    /// <summary>A file on disk, opened anew for each request.</summary>
    public void PutFile(string path, string version, ModuleFileKind kind, string file, FileDigest digest) => Put(path, version, kind, () =>
    {
        var handle = File.OpenHandle(file);
        return new StoredFile(handle, digest, StoredAt, handle);
    });

    public void PutList(string path, params string[] versions) => lists[path] = new VersionList(versions);

    public void PutQuery(string path, string query, string version) =>
        queries[(path, query)] = new ResolvedVersion(version, Encoding.UTF8.GetBytes($"{{\"Version\":\"{version}\"}}"));

    public static FileDigest DigestOf(byte[] bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length);

    public ValueTask<Outcome<StoredFile>> FileAsync(ModuleVersion module, ModuleFileKind kind, CancellationToken cancellationToken) =>
        AnswerAsync(
            module.Path, module.Version, () => files.TryGetValue((module, kind), out var open) ? open() : null, cancellationToken);

    public ValueTask<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken) =>
        AnswerAsync(path, "list", () => lists.GetValueOrDefault(path), cancellationToken);

    public ValueTask<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken) =>
        AnswerAsync(path, query, () => queries.GetValueOrDefault((path, query)), cancellationToken);

    private async ValueTask<Outcome<T>> AnswerAsync<T>(string path, string asked, Func<T?> find, CancellationToken cancellationToken)
        where T : class
    {
        Asked?.Invoke(path, asked);
        if (Gate is { } gate)
        {
            AtGate.TrySetResult();
            try
            {
                await gate.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                GivenUp.TrySetResult();
                throw;
            }
        }

        if (Throwing.TryGetValue(path, out var exception))
        {
            throw exception;
        }

        if (Failing.TryGetValue(path, out var kind))
        {
            return new Outcome<T>(kind, null, "The reason, in\n\na sentence\u200b or two.", AnswerSource.Upstream);
        }

        return find() is { } found
            ? Outcome<T>.Found(found, AnswerSource.Store)
            : Outcome<T>.Absent("no such module version", AnswerSource.Upstream);
    }
}
