using System.Buffers;
using System.Text;
using Athens.Federation.Node.Retrieval;
using Microsoft.Extensions.Primitives;

namespace Athens.Federation.Node.Protocol;

/// <summary>Answers the routes of the download protocol out of Retrieval.</summary>
internal sealed class ModuleAnswers(IModuleRetrieval retrieval)
{
    public async ValueTask<Answer> AnswerAsync(ModuleTarget target, string requestId, CancellationToken cancellationToken) =>
        target.Kind switch
        {
            TargetKind.File => await FileAsync(target, requestId, cancellationToken),
            TargetKind.List => await ListAsync(target.Path, requestId, cancellationToken),
            TargetKind.Query => await QueryAsync(target.Path, target.Query, requestId, cancellationToken),
            _ => FailureAnswers.BadTarget(target, requestId),
        };

    private async ValueTask<Answer> FileAsync(ModuleTarget target, string requestId, CancellationToken cancellationToken)
    {
        var module = target.Module!;
        var outcome = await retrieval.FileAsync(module, target.File, cancellationToken);
        if (!outcome.IsFound)
        {
            return FailureAnswers.Of(outcome, module.ToString(), requestId);
        }

        var file = outcome.Value!;
        string etag = AnswerHeaders.ETagOf(file.Digest.Sha256);
        var modified = AnswerHeaders.WholeSeconds(file.StoredAt);
        return new Answer
        {
            Status = StatusCodes.Status200OK,
            Outcome = "found",
            Body = file.Bytes,
            File = file.Handle is null ? null : file,
            ContentType = target.File switch
            {
                ModuleFileKind.Info => AnswerHeaders.Json,
                ModuleFileKind.Mod => AnswerHeaders.Text,
                _ => AnswerHeaders.Zip,
            },
            CacheControl = AnswerHeaders.Immutable,
            ETag = etag,
            ETagHeader = etag,
            LastModified = modified,
            LastModifiedHeader = AnswerHeaders.Date(modified),
            Source = outcome.Source,
            Module = module.Path,
            Version = module.Version,
        };
    }

    private async ValueTask<Answer> ListAsync(string path, string requestId, CancellationToken cancellationToken)
    {
        var outcome = await retrieval.VersionsAsync(path, cancellationToken);
        return outcome.IsFound
            ? Changing(Lines(outcome.Value!.Versions), AnswerHeaders.Text, outcome.Source, path, "")
            : FailureAnswers.Of(outcome, path, requestId);
    }

    private async ValueTask<Answer> QueryAsync(string path, string query, string requestId, CancellationToken cancellationToken)
    {
        var outcome = await retrieval.ResolveAsync(path, query, cancellationToken);
        return outcome.IsFound
            ? Changing(outcome.Value!.Info, AnswerHeaders.Json, outcome.Source, path, outcome.Value.Version)
            : FailureAnswers.Of(outcome, $"{path}@{query}", requestId);
    }

    private static Answer Changing(
        ReadOnlyMemory<byte> body, StringValues type, string source, string path, string version)
    {
        string etag = AnswerHeaders.ETagOf(body.Span);
        return new Answer
        {
            Status = StatusCodes.Status200OK,
            Outcome = "found",
            Body = body,
            ContentType = type,
            CacheControl = AnswerHeaders.Changing,
            ETag = etag,
            ETagHeader = etag,
            Source = source,
            Module = path,
            Version = version,
        };
    }

    private static ReadOnlyMemory<byte> Lines(IReadOnlyList<string> versions)
    {
        var lines = new ArrayBufferWriter<byte>(Math.Max(16, versions.Count * 8));
        foreach (string version in versions)
        {
            Encoding.ASCII.GetBytes(version, lines);
            lines.Write("\n"u8);
        }

        return lines.WrittenMemory;
    }
}
