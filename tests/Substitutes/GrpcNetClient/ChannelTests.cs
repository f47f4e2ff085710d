using System.Net;
using Grpc.Core;
using Grpc.Net.Client;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>Channels and calls as their callers handle them, and the request they make.</summary>
public sealed class ChannelTests
{
    [Fact]
    public void A_channel_has_one_HTTP_caller_and_a_web_address()
    {
        using HttpClient client = new();
        using SocketsHttpHandler handler = new();
        Assert.Throws<ArgumentException>(() =>
            GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpClient = client, HttpHandler = handler }));
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress("ftp://localhost"));
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress(new Uri("localhost", UriKind.Relative)));
        using GrpcChannel channel = GrpcChannel.ForAddress("https://127.0.0.1:3443/");
        Assert.Equal("127.0.0.1:3443", channel.Target);
    }

    [Fact]
    public async Task A_disposed_channel_ends_its_calls_and_starts_no_more()
    {
        await using RawHttp2Server server = RawHttp2Server.Start(async connection =>
        {
            await connection.OpenAsync();
            await connection.DrainAsync();
        });
        GrpcChannel channel = GrpcChannel.ForAddress(server.Address);
        CallInvoker client = channel.CreateCallInvoker();
        using var call = client.Unary("Raw", Array.Empty<byte>());
        channel.Dispose();
        channel.Dispose();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
        Assert.Throws<ObjectDisposedException>(() => client.Unary("Raw", Array.Empty<byte>()));
        Assert.Throws<ObjectDisposedException>(channel.CreateCallInvoker);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_handler_goes_with_the_channel_when_told(bool told)
    {
        using CannedHandler handler = new();
        GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = told }).Dispose();
        Assert.Equal(told, handler.IsDisposed);

        using CannedHandler inner = new();
        using HttpClient client = new(inner);
        GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpClient = client, DisposeHttpClient = told }).Dispose();
        Assert.Equal(told, inner.IsDisposed);
    }

    [Fact]
    public async Task A_call_has_no_status_before_its_end()
    {
        await using RawCalls calls = RawCalls.Answering((connection, _) => connection.DrainAsync());
        using var call = calls.Unary();
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(call.GetTrailers);
        call.Dispose();
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.Empty(call.GetTrailers());
        await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
    }

    [Fact]
    public async Task A_stream_is_read_by_one_reader()
    {
        await using RawCalls calls = RawCalls.Answering((connection, request) => connection.RespondAsync(request));
        using var call = calls.Client.Stream(new { });
        Task<bool> first = call.ResponseStream.MoveNext(CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
        call.Dispose();
        await Assert.ThrowsAsync<RpcException>(() => first);
    }

    [Fact]
    public async Task The_request_is_HTTP_2_as_gRPC_wants_it()
    {
        using CannedHandler handler = new();
        using GrpcChannel channel = GrpcChannel.ForAddress("https://host:3443", new GrpcChannelOptions { HttpHandler = handler });
        Metadata metadata = new() { { "x-bytes-bin", [1] }, { "x-padded", " a b " } };
        await channel.CreateCallInvoker().Unary("Name", [1, 2], new CallOptions(metadata));

        HttpRequestMessage request = handler.Request!;
        Assert.Equal((HttpMethod.Post, "https://host:3443/athens.test.Echo/Name"), (request.Method, request.RequestUri!.ToString()));
        Assert.Equal((HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact), (request.Version, request.VersionPolicy));
        Assert.Equal("application/grpc", request.Content!.Headers.ContentType!.ToString());
        Assert.Null(handler.ContentLength);
        Assert.Equal("trailers", request.Headers.TE.ToString());
        Assert.Equal("identity", request.Headers.NonValidated["grpc-accept-encoding"].ToString());
        Assert.Equal("AQ", request.Headers.NonValidated["x-bytes-bin"].ToString());
        Assert.Equal("a b", request.Headers.NonValidated["x-padded"].ToString());
        Assert.False(request.Headers.Contains("grpc-timeout"));
        Assert.Equal([0, 0, 0, 0, 2, 1, 2], handler.Body);
    }

    [Theory]
    [InlineData(0.05, "u", 5)]
    [InlineData(30, "u", 8)]
    [InlineData(500, "m", 6)]
    [InlineData(200_000, "S", 6)]
    [InlineData(200_000_000, "M", 7)]
    [InlineData(200_000_000_000, "H", 8)]
    public async Task A_timeout_is_told_in_the_finest_unit_that_eight_digits_hold(double seconds, string unit, int digits)
    {
        using CannedHandler handler = new();
        using GrpcChannel channel = GrpcChannel.ForAddress("https://host", new GrpcChannelOptions { HttpHandler = handler });
        await channel.CreateCallInvoker().Unary("Name", [], new CallOptions(deadline: DateTime.UtcNow.AddSeconds(seconds)));

        string told = handler.Request!.Headers.NonValidated["grpc-timeout"].ToString();
        Assert.Equal(unit, told[^1..]);
        Assert.InRange(told.Length - 1, digits - 1, digits);
        Assert.All(told[..^1], digit => Assert.True(char.IsAsciiDigit(digit)));
    }

    [Fact]
    public async Task A_deadline_at_the_end_of_time_is_none_and_one_in_local_time_an_error()
    {
        using CannedHandler handler = new();
        using GrpcChannel channel = GrpcChannel.ForAddress("https://host", new GrpcChannelOptions { HttpHandler = handler });
        CallInvoker client = channel.CreateCallInvoker();
        await client.Unary("Name", [], new CallOptions(deadline: DateTime.MaxValue));
        Assert.False(handler.Request!.Headers.Contains("grpc-timeout"));
        DateTime local = new(2100, 1, 1, 0, 0, 0, DateTimeKind.Local);
        Assert.Throws<InvalidOperationException>(() => client.Unary("Name", [], new CallOptions(deadline: local)));
    }

    [Theory]
    [InlineData("x-lines", "a\r\nb")]
    [InlineData("x-snow", "☃")]
    [InlineData("content-type", "text/html")]
    public async Task Metadata_that_cannot_be_sent_fails_the_call(string key, string value)
    {
        using CannedHandler handler = new();
        using GrpcChannel channel = GrpcChannel.ForAddress("https://host", new GrpcChannelOptions { HttpHandler = handler });
        Metadata metadata = new() { { key, value } };
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
            await channel.CreateCallInvoker().Unary("Name", [], new CallOptions(metadata)));
        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.Null(handler.Request);
    }

    [Fact]
    public async Task A_serializer_that_fails_fails_the_call()
    {
        using CannedHandler handler = new();
        using GrpcChannel channel = GrpcChannel.ForAddress("https://host", new GrpcChannelOptions { HttpHandler = handler });
        Marshaller<string> broken = Marshallers.Create<string>(
            (_, _) => throw new InvalidDataException("no"), _ => throw new InvalidDataException("neither"));
        Marshaller<string> good = Marshallers.Create<string>(
            (_, context) =>
            {
                context.SetPayloadLength(3);
                context.GetBufferWriter().GetSpan(2)[..2].Fill(7);
                context.GetBufferWriter().Advance(2);
                context.GetBufferWriter().GetSpan()[..1].Fill(8);
                context.GetBufferWriter().Advance(1);
                context.Complete();
            },
            _ => "");
        async Task<Status> CallAsync(Marshaller<string> request, Marshaller<string> response)
        {
            Method<string, string> method = new(MethodType.Unary, "service", "method", request, response);
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, "");
            await Task.WhenAny(call.ResponseAsync);
            return call.GetStatus();
        }

        Assert.Equal(StatusCode.Internal, (await CallAsync(broken, good)).StatusCode);
        Assert.Null(handler.Request);
        Status status = await CallAsync(good, broken);
        Assert.Equal(StatusCode.Internal, status.StatusCode);
        Assert.IsType<InvalidDataException>(status.DebugException);
        Assert.Equal([0, 0, 0, 0, 3, 7, 7, 8], handler.Body);
        Assert.Equal(StatusCode.OK, (await CallAsync(good, good)).StatusCode);
    }

    /// <summary>Answers every request with one empty message and keeps what it was asked.</summary>
    private sealed class CannedHandler : HttpMessageHandler
    {
        public HttpRequestMessage? Request { get; private set; }

        public long? ContentLength { get; private set; }

        public byte[]? Body { get; private set; }

        public bool IsDisposed { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = request;
            ContentLength = request.Content!.Headers.ContentLength;
            Body = await request.Content.ReadAsByteArrayAsync(cancellationToken);
            HttpResponseMessage response = new(HttpStatusCode.OK) { Content = new ByteArrayContent(new byte[5]) };
            response.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
            response.TrailingHeaders.TryAddWithoutValidation("grpc-status", "0");
            return response;
        }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
