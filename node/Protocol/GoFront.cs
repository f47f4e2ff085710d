using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// The front's one handler. A request takes one of two ways: an answer kept in memory is written at once, with no
/// waiting and one allocation; everything else is parsed, asked of Retrieval and then written.
/// </summary>
internal sealed class GoFront
{
    /// <summary>What a client that went away is logged as; nginx's number for it.</summary>
    private const int ClientClosedRequest = 499;

    private readonly FrontRoutes routes;
    private readonly HotAnswers hot;
    private readonly RequestIds ids = new();
    private readonly ProtocolOptions options;
    private readonly RequestRecord record;
    private readonly ILogger<GoFront> logger;
    private readonly TimeProvider clock;

    public GoFront(FrontRoutes routes, HotAnswers hot, ProtocolOptions options, TimeProvider clock, ILogger<GoFront> logger)
    {
        this.routes = routes;
        this.hot = hot;
        this.options = options;
        this.clock = clock;
        this.logger = logger;
        record = new RequestRecord(options, clock, logger);
    }

    public Task HandleAsync(HttpContext context)
    {
        long started = clock.GetTimestamp();
        var request = context.Request;
        string requestId = ids.Next();
        bool isHead = IsHead(context);
        if (!isHead && !string.Equals(request.Method, HttpMethods.Get, StringComparison.Ordinal))
        {
            return AnswerAsync(context, FailureAnswers.BadMethod(requestId), requestId, started);
        }

        string path = request.Path.Value ?? "";
        var kept = hot.Find(path, started);
        if (kept is null)
        {
            return FindAsync(context, path, requestId, started);
        }

        if (!Preconditions.Unconditional(request.Headers))
        {
            return AnswerAsync(context, kept, requestId, started);
        }

        var written = AnswerWriter.WriteBytesAsync(context.Response, kept, requestId, isHead);
        record.Sent(context, kept, kept.Status, isHead ? 0 : kept.Body.Length, requestId, started);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }

    /// <summary>Methods are case-sensitive, and Kestrel leaves the body out for "HEAD" alone.</summary>
    public static bool IsHead(HttpContext context) =>
        string.Equals(context.Request.Method, HttpMethods.Head, StringComparison.Ordinal);

    private async Task FindAsync(HttpContext context, string path, string requestId, long started)
    {
        await ProtocolServer.ToThreadPool();
        Answer answer;
        try
        {
            answer = await routes.FindAsync(context.Request, path, requestId, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            record.Ended(context, ClientClosedRequest, "gone", requestId, started);
            return;
        }
        catch (StoreFailedException exception)
        {
            logger.StoreFailed(requestId, exception.Message);
            answer = FailureAnswers.StoreFailed(exception, requestId);
        }
        catch (Exception exception)
        {
            logger.RequestFailed(exception, requestId, RequestRecord.ShownPath(context));
            answer = FailureAnswers.OwnFault(requestId);
        }

        // A file that was just fetched is kept from the next request on: its repeats come from here, and must not name its source.
        bool isImmutable = answer.LastModified is not null;
        if (answer.HasValidator && !(isImmutable && answer.Source != AnswerSource.Store))
        {
            hot.Keep(path, answer, isImmutable ? options.RepeatImmutable : options.RepeatChanging);
        }

        await AnswerAsync(context, answer, requestId, started);
    }

    private async Task AnswerAsync(HttpContext context, Answer answer, string requestId, long started)
    {
        try
        {
            var selection = answer.Status == StatusCodes.Status200OK
                ? Preconditions.Evaluate(context.Request.Headers, answer, IsHead(context))
                : new Selection(answer.Status, 0, answer.Length);
            var sent = Refusal(context, answer, selection, requestId);
            if (sent is not null)
            {
                selection = new Selection(sent.Status, 0, sent.Length);
            }

            await SendAsync(context, sent ?? answer, selection, requestId, started);
        }
        finally
        {
            answer.Dispose();
        }
    }

    private Answer? Refusal(HttpContext context, Answer answer, Selection selection, string requestId)
    {
        switch (selection.Status)
        {
            case StatusCodes.Status412PreconditionFailed:
                return FailureAnswers.BadPrecondition(requestId);
            case StatusCodes.Status416RangeNotSatisfiable:
                context.Response.Headers.ContentRange = $"bytes */{answer.Length}";
                return FailureAnswers.BadRange(answer.Length, requestId);
            default:
                // The last moment to say 500: once headers are out, a short file can only break the connection.
                if (answer.File?.Handle is { } handle && RandomAccess.GetLength(handle) != answer.Length)
                {
                    logger.FileHasOtherLength(requestId, answer.Module, answer.Version, answer.Length);
                    return FailureAnswers.OwnFault(requestId);
                }

                return null;
        }
    }

    private async Task SendAsync(HttpContext context, Answer answer, Selection selection, string requestId, long started)
    {
        try
        {
            long bytes = await AnswerWriter.WriteAsync(context, answer, selection, requestId, context.RequestAborted);
            bool whole = bytes == selection.Length || IsHead(context);
            record.Sent(context, answer, whole ? selection.Status : ClientClosedRequest, bytes, requestId, started);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            if (!context.RequestAborted.IsCancellationRequested)
            {
                // The status is out already. Closing tells the client that the body is not whole; ending quietly might not.
                logger.BodyCutShort(exception, requestId);
                context.Abort();
            }

            record.Ended(context, ClientClosedRequest, "cut short", requestId, started);
        }
    }
}
