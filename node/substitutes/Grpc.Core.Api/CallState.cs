namespace Grpc.Core;

/// <summary>The part that is common to the four kinds of call: headers, status, trailers, giving up.</summary>
internal sealed class CallState
{
    private readonly Func<Task<Metadata>> responseHeaders;
    private readonly Func<Status> status;
    private readonly Func<Metadata> trailers;
    private readonly Action dispose;

    public CallState(Task<Metadata> responseHeaders, Func<Status> status, Func<Metadata> trailers, Action dispose)
    {
        this.responseHeaders = () => responseHeaders;
        this.status = status;
        this.trailers = trailers;
        this.dispose = dispose;
    }

    public CallState(
        Func<object, Task<Metadata>> responseHeaders,
        Func<object, Status> status,
        Func<object, Metadata> trailers,
        Action<object> dispose,
        object state)
    {
        this.responseHeaders = () => responseHeaders(state);
        this.status = () => status(state);
        this.trailers = () => trailers(state);
        this.dispose = () => dispose(state);
    }

    public Task<Metadata> ResponseHeadersAsync() => responseHeaders();

    public Status GetStatus() => status();

    public Metadata GetTrailers() => trailers();

    public void Dispose() => dispose();
}
