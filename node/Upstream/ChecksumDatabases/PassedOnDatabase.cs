using System.Runtime.InteropServices;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.PublicDatabases;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Upstream.ChecksumDatabases;

/// <summary>
/// A checksum database of others as this node's clients see it: what is kept is answered at once, the rest is asked of the source once however many
/// want it.
/// </summary>
internal sealed class PassedOnDatabase : IChecksumDatabase, IAsyncDisposable
{
    /// <summary>One for each resource that is being asked for; the source sees no more at once.</summary>
    private const int MaxFlights = 256;

    private const int MaxWaiters = 10_000;

    private const string Latest = "latest";

    /// <summary>A look-up is one answer, then tiles in at most three rounds; each has its own timeout, and a healthy source needs a fraction.</summary>
    private static readonly TimeSpan Deadline = 2 * HttpDatabaseSource.AnswerTimeout;

    private readonly VerifiedDatabase database;
    private readonly ILogger logger;
    private readonly SingleFlight<Question, Outcome<ChecksumAnswer>> flights;

    /// <param name="database">Verifies.</param>
    /// <param name="time">Measures deadlines.</param>
    /// <param name="logger">Told of this node's own faults.</param>
    public PassedOnDatabase(VerifiedDatabase database, TimeProvider time, ILogger<PassedOnDatabase> logger)
    {
        this.logger = logger;
        this.database = database;
        var rules = new FlightRules("ask checksum database", MaxFlights, MaxWaiters, Deadline);
        flights = new SingleFlight<Question, Outcome<ChecksumAnswer>>(rules, AskAsync, Broken, time);
    }

    public string Name => database.Name;

    public async ValueTask<Outcome<ChecksumAnswer>> LookupAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        return await database.FindAsync(module, cancellationToken) is { } kept
            ? Look(kept, AnswerSource.Store)
            : await FlyAsync(new Question(module, ""), cancellationToken);
    }

    public async ValueTask<Outcome<ChecksumAnswer>> ReadAsync(string resource, CancellationToken cancellationToken)
    {
        if (resource == Latest)
        {
            return await FlyAsync(new Question(null, resource), cancellationToken);
        }

        if (!VerifiedDatabase.IsTile(resource))
        {
            return Outcome<ChecksumAnswer>.Absent("this node passes on look-ups, latest, and tiles of hashes of height 8; nothing else");
        }

        return await database.FindTileAsync(resource, cancellationToken) is { } kept
            ? Answer(kept.Bytes, isImmutable: true, AnswerSource.Store)
            : await FlyAsync(new Question(null, resource), cancellationToken);
    }

    public ValueTask DisposeAsync() => flights.DisposeAsync();

    private async Task<Outcome<ChecksumAnswer>> FlyAsync(Question question, CancellationToken cancellationToken)
    {
        var end = await flights.JoinAsync(question, Timeout.InfiniteTimeSpan, cancellationToken);
        return end.State == FlightState.Landed
            ? end.Result
            : Outcome<ChecksumAnswer>.Unavailable($"this node already asks {Name} for as much as it may at once");
    }

    private async Task<Outcome<ChecksumAnswer>> AskAsync(Question question, CancellationToken cancellationToken)
    {
        if (question.Module is { } module)
        {
            return Of(await database.ProveAsync(module, cancellationToken), proven => Look(proven, AnswerSource.Upstream));
        }

        return question.Resource == Latest
            ? Of(await database.LatestAsync(cancellationToken), head => Answer(head.ToBytes(), isImmutable: false, AnswerSource.Upstream))
            : Of(await database.ReadTileAsync(question.Resource, cancellationToken), tile => Answer(tile.Bytes, isImmutable: true, AnswerSource.Upstream));
    }

    private Outcome<ChecksumAnswer> Broken(Question question, Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            return Outcome<ChecksumAnswer>.Unavailable($"{Name} did not give all that a proof takes within {Deadline.TotalSeconds:0} s");
        }

        logger.OwnFault($"{question.Module?.ToString() ?? question.Resource} from {Name}", exception.Message);
        return exception is StoreFailedException { NoSpace: true }
            ? Outcome<ChecksumAnswer>.OutOfSpace(exception.Message)
            : Outcome<ChecksumAnswer>.Faulty(exception.Message);
    }

    private static Outcome<ChecksumAnswer> Of<T>(DatabaseAnswer<T> answer, Func<T, Outcome<ChecksumAnswer>> found)
        where T : class => answer.Kind switch
        {
            DatabaseAnswerKind.Found => found(answer.Value!),
            DatabaseAnswerKind.Absent => Outcome<ChecksumAnswer>.Absent(answer.Reason),
            DatabaseAnswerKind.Private => Outcome<ChecksumAnswer>.Forbidden(answer.Reason),
            DatabaseAnswerKind.Beyond => Outcome<ChecksumAnswer>.NotHeld(answer.Reason),
            DatabaseAnswerKind.Misbehaved => Outcome<ChecksumAnswer>.Conflicting(
                answer.Reason + "\nDo not go around this: tell the operator of this node, whose log names the evidence."),
            _ => Outcome<ChecksumAnswer>.Unavailable(answer.Reason),
        };

    private static Outcome<ChecksumAnswer> Look(ProvenModule proven, string source) => Answer(proven.ToLookupAnswer(), isImmutable: false, source);

    private static Outcome<ChecksumAnswer> Answer(ReadOnlyMemory<byte> body, bool isImmutable, string source) =>
        Outcome<ChecksumAnswer>.Found(new ChecksumAnswer(body, isImmutable), source);

    /// <summary>What one flight asks for: a module version, or else a resource.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Question(ModuleVersion? Module, string Resource);
}
