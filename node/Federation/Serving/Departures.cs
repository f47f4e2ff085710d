namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// Sees answers off: an answer lies in this process until its reader takes it. The call keeps its place until no more of it
/// is left than the response buffer holds, and a reader that does not come is not waited for.
/// </summary>
internal sealed class Departures(TimeProvider time)
{
    /// <summary>Middleware around the service.</summary>
    public async Task SeeOffAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
            if (http.Features.Get<ServedCall>() is not null && http.Response.HasStarted)
            {
                await SendAsync(http);
            }
        }
        finally
        {
            http.Features.Get<ServedCall>()?.Dispose();
        }
    }

    // The service leaves a single answer in the response's buffer, and the server would end the call with it still there.
    private async Task SendAsync(HttpContext http)
    {
        // Disposed asynchronously, which waits for a watchdog that is just biting: the server uses contexts again.
        await using ITimer watchdog = time.CreateTimer(
            static http => ((HttpContext)http!).Abort(), http, FrameSender.FramePatience, Timeout.InfiniteTimeSpan);
        try
        {
            await http.Response.BodyWriter.FlushAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // The answer is complete: the call's deadline came first and has sent it off. No property of a response tells.
        }
    }
}
