using System.Threading.Channels;
using Athens.Federation.Node.Federation.Serving;
using Google.Protobuf;
using Grpc.Core;

namespace Athens.Federation.Simulator.Network;

/// <summary>Takes calls to the other end's services: requests and answers arrive when the network has carried them.</summary>
internal sealed class SimulatedInvoker(SimulatedNetwork network, SimulatedLine line) : CallInvoker
{
    /// <summary>Messages of a stream that are under way or unread: about what HTTP/2's windows hold.</summary>
    private const int Window = 16;

    private static readonly Task<Metadata> NoHeaders = Task.FromResult(new Metadata());

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        CallEnd end = new(network, line, options);
        return new AsyncUnaryCall<TResponse>(AskAsync(method, options, request, end), NoHeaders, static () => Status.DefaultSuccess, static () => [], end.Cancel);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        CallEnd end = new(network, line, options);
        Channel<(TResponse Message, long At)> arriving = Channel.CreateBounded<(TResponse, long)>(Window);
        _ = StreamAsync(method, options, request, arriving.Writer, end);
        return new AsyncServerStreamingCall<TResponse>(
            new Reader<TResponse>(network, arriving.Reader, end), NoHeaders, static () => Status.DefaultSuccess, static () => [], end.Cancel);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        throw new NotSupportedException();

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    private static int SizeOf(object message) => ((IMessage)message).CalculateSize();

    private async Task<TResponse> AskAsync<TRequest, TResponse>(Method<TRequest, TResponse> method, CallOptions options, TRequest request, CallEnd end)
        where TRequest : class
        where TResponse : class
    {
        try
        {
            SimulatedHost to = await SendAsync(method, request, end);
            TResponse response = await ServeAsync(
                to,
                method,
                options,
                end,
                context => to.Services.Find<UnaryServerMethod<TRequest, TResponse>>(method)(request, context)).WaitAsync(end.Token);
            response = (TResponse)(to.Forgery?.Invoke(response) ?? response);
            await ArriveAsync(to, line.From, SizeOf(response), end);
            network.Traffic.Response(line.From, method.FullName, request, response, SizeOf(response));
            return response;
        }
        catch (Exception exception)
        {
            throw end.Of(exception);
        }
        finally
        {
            end.Dispose();
        }
    }

    private async Task StreamAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, TRequest request, ChannelWriter<(TResponse Message, long At)> arriving, CallEnd end)
        where TRequest : class
        where TResponse : class
    {
        try
        {
            SimulatedHost to = await SendAsync(method, request, end);
            Writer<TResponse> writer = new(arriving, end, response =>
            {
                TResponse sent = (TResponse)(to.Forgery?.Invoke(response) ?? response);
                int size = SizeOf(sent);
                network.Traffic.Response(line.From, method.FullName, request, sent, size);
                return (sent, network.Time.GetTimestamp() + network.Transit(to, line.From, size).Ticks);
            });
            await ServeAsync(to, method, options, end, async context =>
            {
                await to.Services.Find<ServerStreamingServerMethod<TRequest, TResponse>>(method)(request, writer, context);
                return true;
            }).WaitAsync(end.Token);
            await ArriveAsync(to, line.From, 0, end);
            end.Finish();
            arriving.TryComplete();
        }
        catch (Exception exception)
        {
            arriving.TryComplete(end.Of(exception));
            end.Dispose();
        }
    }

    private async Task<SimulatedHost> SendAsync<TRequest>(IMethod method, TRequest request, CallEnd end)
        where TRequest : class
    {
        await line.ConnectAsync().WaitAsync(end.Token);
        SimulatedHost to = line.To!;
        network.Traffic.Request(line.From, method.FullName, request, SizeOf(request));
        await ArriveAsync(line.From, to, SizeOf(request), end);
        return to;
    }

    /// <summary>A message is under way; it never arrives where the network has fallen apart.</summary>
    private async Task ArriveAsync(SimulatedHost from, SimulatedHost to, int bytes, CallEnd end) =>
        await Task.Delay(network.AreTogether(from.Org, to.Org) ? network.Transit(from, to, bytes) : Timeout.InfiniteTimeSpan, network.Time, end.Token);

    /// <summary>The other end's part. It goes on by itself when the caller has gone, and is told so.</summary>
    private async Task<T> ServeAsync<T>(SimulatedHost to, IMethod method, CallOptions options, CallEnd end, Func<ServerCallContext, Task<T>> serve)
    {
        DefaultHttpContext http = new();
        http.Features.Set(new PeerCaller(line.From.Key));
        http.Features.Set<Microsoft.AspNetCore.Http.Features.IHttpRequestLifetimeFeature>(end);
        try
        {
            if (to.Mischief is { } mischief)
            {
                await mischief(method.FullName, end.Token);
            }

            return await serve(new ServedContext(method.FullName, http, options.Deadline ?? DateTime.MaxValue, end.Token));
        }
        finally
        {
            http.Features.Get<ServedCall>()?.Dispose();
        }
    }

    private sealed class Writer<T>(ChannelWriter<(T Message, long At)> arriving, CallEnd end, Func<T, (T Message, long At)> send) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            (T Message, long At) sent = send(message);
            if (!arriving.TryWrite(sent))
            {
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, end.Token);
                await arriving.WriteAsync(sent, either.Token);
            }
        }
    }

    private sealed class Reader<T>(SimulatedNetwork network, ChannelReader<(T Message, long At)> arriving, CallEnd end) : IAsyncStreamReader<T>
    {
        public T Current { get; private set; } = default!;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                if (!await arriving.WaitToReadAsync(cancellationToken))
                {
                    return false;
                }

                arriving.TryRead(out (T Message, long At) next);
                if (new TimeSpan(next.At - network.Time.GetTimestamp()) is { Ticks: > 0 } left)
                {
                    await Task.Delay(left, network.Time, end.Token);
                }

                Current = next.Message;
                return true;
            }
            catch (OperationCanceledException exception)
            {
                throw end.Of(exception);
            }
        }
    }
}
