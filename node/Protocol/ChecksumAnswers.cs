using Athens.Federation.Node.Retrieval;
using Microsoft.Extensions.Primitives;

namespace Athens.Federation.Node.Protocol;

/// <summary>Answers <c>/sumdb/NAME/…</c> for every checksum database there is, as golang.org/x/mod/sumdb's server does.</summary>
internal sealed class ChecksumAnswers
{
    public const string Prefix = "/sumdb/";

    private const string Lookup = "lookup/";
    private const string Tile = "tile/";

    /// <summary>Tiles of records in both writings; all others are of hashes.</summary>
    private static readonly string[] RecordTiles = ["tile/8/data/"];

    // Longest name first: a database may be called as another one's path.
    private readonly IChecksumDatabase[] databases;
    private readonly IChecksumDatabaseSet[] sets;

    public ChecksumAnswers(IEnumerable<IChecksumDatabase> databases, IEnumerable<IChecksumDatabaseSet> sets)
    {
        this.databases = [.. databases.OrderByDescending(database => database.Name.Length)];
        this.sets = [.. sets];
    }

    /// <param name="path">The request's path, which begins with <see cref="Prefix"/>.</param>
    /// <param name="requestId">For what goes wrong.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public ValueTask<Answer> AnswerAsync(string path, string requestId, CancellationToken cancellationToken)
    {
        if (Find(path.AsSpan(Prefix.Length)) is not { } database)
        {
            return new(FailureAnswers.NoSumDb(requestId));
        }

        string resource = path[(Prefix.Length + database.Name.Length + 1)..];
        return resource switch
        {
            // 200 tells the client to ask for everything else here too; it does not read the body.
            "supported" => new(Found(new ChecksumAnswer(default, IsImmutable: false), AnswerHeaders.Text, AnswerSource.Store)),
            _ when resource.StartsWith(Lookup, StringComparison.Ordinal) =>
                LookupAsync(database, ModuleTarget.ParseLookup(resource.AsSpan(Lookup.Length)), requestId, cancellationToken),
            _ => ReadAsync(database, resource, requestId, cancellationToken),
        };
    }

    private IChecksumDatabase? Find(ReadOnlySpan<char> path)
    {
        foreach (var database in databases)
        {
            if (path.Length > database.Name.Length && path[database.Name.Length] == '/' && path.StartsWith(database.Name, StringComparison.Ordinal))
            {
                return database;
            }
        }

        // Those that come and go have names of others, which must not stand in the place of what this node was set up with.
        foreach (var set in sets)
        {
            if (set.Find(path) is { } database)
            {
                return database;
            }
        }

        return null;
    }

    private static async ValueTask<Answer> LookupAsync(
        IChecksumDatabase database, ModuleTarget target, string requestId, CancellationToken cancellationToken)
    {
        if (target.Module is not { } module)
        {
            return FailureAnswers.BadTarget(target, requestId);
        }

        var outcome = await database.LookupAsync(module, cancellationToken);
        return outcome.IsFound
            ? Found(outcome.Value!, AnswerHeaders.Text, outcome.Source, module.Path, module.Version)
            : FailureAnswers.Of(outcome, $"{module} in the checksum database {database.Name}", requestId);
    }

    private static async ValueTask<Answer> ReadAsync(
        IChecksumDatabase database, string resource, string requestId, CancellationToken cancellationToken)
    {
        var outcome = await database.ReadAsync(resource, cancellationToken);
        bool isText = !resource.StartsWith(Tile, StringComparison.Ordinal)
            || RecordTiles.Any(start => resource.StartsWith(start, StringComparison.Ordinal));
        return outcome.IsFound
            ? Found(outcome.Value!, isText ? AnswerHeaders.Text : AnswerHeaders.Binary, outcome.Source)
            : FailureAnswers.Of(outcome, FailureText.Shown(resource, ModuleTarget.MaxLength), requestId);
    }

    private static Answer Found(ChecksumAnswer answer, StringValues type, string source, string path = "", string version = "")
    {
        string etag = answer.Body.IsEmpty ? "" : AnswerHeaders.ETagOf(answer.Body.Span);
        return new Answer
        {
            Status = StatusCodes.Status200OK,
            Outcome = "found",
            Body = answer.Body,
            ContentType = type,
            CacheControl = answer.IsImmutable ? AnswerHeaders.Immutable : AnswerHeaders.Changing,
            ETag = etag,
            ETagHeader = etag,
            Source = source,
            Module = path,
            Version = version,
        };
    }
}
