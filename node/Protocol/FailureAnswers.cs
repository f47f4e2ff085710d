using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// Turns what went wrong into the one status that makes <c>go</c> do the right thing: 404 sends it on to the next proxy,
/// everything else stops it there (save after <c>|</c> in GOPROXY).
/// </summary>
internal static class FailureAnswers
{
    private const string NotHeld = "notheld";

    public static Answer Of<T>(Outcome<T> outcome, string what, string requestId)
        where T : class
    {
        // Unavailable does not tell a timeout from a refusal, so 504 is never said; go treats the two alike.
        (int status, string word, string lead) = outcome.Kind switch
        {
            OutcomeKind.Absent => (StatusCodes.Status404NotFound, "absent", "not found"),
            OutcomeKind.NotHeld => (StatusCodes.Status404NotFound, NotHeld, "not found"),
            OutcomeKind.Forbidden => (StatusCodes.Status403Forbidden, "forbidden", "forbidden"),
            OutcomeKind.Conflicting => (StatusCodes.Status403Forbidden, "conflicting", "SECURITY: hashes disagree"),
            OutcomeKind.Unavailable => (StatusCodes.Status502BadGateway, "unavailable", "could not find out, try again"),
            OutcomeKind.OutOfSpace => (StatusCodes.Status507InsufficientStorage, "full", "this node's disk is full"),
            _ => (StatusCodes.Status500InternalServerError, "faulty", "this node has a fault"),
        };
        return Make(status, word, $"{lead}: {what}\n{outcome.Reason}", requestId, outcome.Source);
    }

    public static Answer BadTarget(in ModuleTarget target, string requestId) => target.Kind switch
    {
        TargetKind.Malformed => Make(StatusCodes.Status400BadRequest, "malformed", $"bad request: {target.Reason}", requestId),
        TargetKind.Impossible => Make(StatusCodes.Status404NotFound, "impossible", $"not found: {target.Reason}", requestId),
        _ => Unknown(requestId),
    };

    public static Answer Unknown(string requestId) => Make(
        StatusCodes.Status404NotFound,
        "unknown",
        "not found: this is a Go module proxy; it answers /MODULE/@v/list, /MODULE/@v/VERSION.info|.mod|.zip and /MODULE/@latest",
        requestId);

    /// <summary>A client told 404 here asks the checksum database itself.</summary>
    public static Answer NoSumDb(string requestId) => Make(
        StatusCodes.Status404NotFound, "absent", "not found: this node does not serve this checksum database; ask the database itself", requestId);

    public static Answer BadMethod(string requestId) => Make(
        StatusCodes.Status405MethodNotAllowed, "method", "only GET and HEAD are answered here", requestId);

    public static Answer BadQuery(string reason, string requestId) =>
        Make(StatusCodes.Status400BadRequest, "malformed", $"bad request: {reason}", requestId);

    public static Answer BadPrecondition(string requestId) => Make(
        StatusCodes.Status412PreconditionFailed, "precondition", "the file is not the one that If-Match or If-Unmodified-Since names", requestId);

    public static Answer BadRange(long length, string requestId) => Make(
        StatusCodes.Status416RangeNotSatisfiable, "range", $"the range lies outside the file, which has {length} bytes", requestId);

    public static Answer StoreFailed(StoreFailedException exception, string requestId) => Make(
        exception.NoSpace ? StatusCodes.Status507InsufficientStorage : StatusCodes.Status500InternalServerError,
        "faulty",
        $"this node has a fault: {exception.Message}",
        requestId);

    public static Answer OwnFault(string requestId) => Make(
        StatusCodes.Status500InternalServerError,
        "faulty",
        "this node has a fault: the request could not be answered; its operator finds the reason in the log under the id below",
        requestId);

    private static Answer Make(int status, string word, string reason, string requestId, string source = "") => new()
    {
        Status = status,
        Outcome = word,
        Body = FailureText.Compose(reason, requestId),
        ContentType = AnswerHeaders.FailureText,
        CacheControl = status == StatusCodes.Status404NotFound && word != NotHeld ? AnswerHeaders.Absent : AnswerHeaders.NoStore,
        Source = source,
    };
}
