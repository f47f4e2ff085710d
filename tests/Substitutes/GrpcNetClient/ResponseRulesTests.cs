using Grpc.Core;
using Grpc.Net.Client;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>What a response may look like on the wire, and what becomes of one that does not.</summary>
public sealed class ResponseRulesTests
{
    private static readonly (string Name, string Value) Ok = ("grpc-status", "0");

    [Fact]
    public async Task Headers_alone_can_be_the_whole_response()
    {
        await using RawCalls failing = RawCalls.Answering((connection, request) => connection.HeadersAsync(
            request, end: true, (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5"), ("grpc-message", "not h%C3%A9re"), ("x-why", "so")));
        RpcException failure = await failing.FailureAsync();
        Assert.Equal((StatusCode.NotFound, "not hére"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("so", failure.Trailers.GetValue("x-why"));

        await using RawCalls empty = RawCalls.Answering((connection, request) => connection.HeadersAsync(
            request, end: true, (":status", "200"), ("content-type", "application/grpc"), Ok));
        Assert.Equal(StatusCode.Internal, (await empty.FailureAsync()).StatusCode);
    }

    [Fact]
    public async Task A_stream_may_be_empty()
    {
        await using RawCalls headersOnly = RawCalls.Answering((connection, request) => connection.HeadersAsync(
            request, end: true, (":status", "200"), ("content-type", "application/grpc"), Ok));
        (List<byte[]> messages, Status status) = await headersOnly.StreamAsync();
        Assert.Equal((0, StatusCode.OK), (messages.Count, status.StatusCode));

        await using RawCalls trailers = Responding([], Ok);
        (messages, status) = await trailers.StreamAsync();
        Assert.Equal((0, StatusCode.OK), (messages.Count, status.StatusCode));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("%E2%98%83", "☃")]
    [InlineData("100%", "100%")]
    [InlineData("100%2", "100%2")]
    [InlineData("100%zz%25", "100%zz%")]
    [InlineData("%%41", "%A")]
    [InlineData("%e2%98%83 lower", "☃ lower")]
    [InlineData("%ff%41", "\ufffdA")]
    [InlineData("raw ☃ bytes", "raw ☃ bytes")]
    [InlineData("", "")]
    public async Task A_message_is_decoded_as_far_as_it_can_be(string sent, string read)
    {
        await using RawCalls calls = Responding([], ("grpc-status", "13"), ("grpc-message", sent));
        Assert.Equal(read, (await calls.FailureAsync()).Status.Detail);
    }

    [Theory]
    [InlineData("1", StatusCode.Cancelled)]
    [InlineData("16", StatusCode.Unauthenticated)]
    [InlineData("17", StatusCode.Unknown)]
    [InlineData("-1", StatusCode.Unknown)]
    [InlineData("ok", StatusCode.Unknown)]
    [InlineData("", StatusCode.Unknown)]
    [InlineData("99999999999999999999", StatusCode.Unknown)]
    public async Task A_status_that_nobody_knows_is_unknown(string sent, StatusCode read)
    {
        await using RawCalls calls = Responding([], ("grpc-status", sent));
        Assert.Equal(read, (await calls.FailureAsync()).StatusCode);
    }

    [Fact]
    public async Task A_response_without_a_status_is_no_success()
    {
        await using RawCalls noTrailers = RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(request);
            await connection.DataAsync(request, RawCalls.Message(1, 2), end: true);
        });
        Assert.Equal(StatusCode.Unknown, (await noTrailers.FailureAsync()).StatusCode);

        await using RawCalls noStatus = Responding([RawCalls.Message(1)], ("x-other", "1"));
        RpcException failure = await noStatus.FailureAsync();
        Assert.Equal((StatusCode.Unknown, "No grpc-status found on response."), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("1", failure.Trailers.GetValue("x-other"));
    }

    [Theory]
    [InlineData("200", "text/html", StatusCode.Unknown)]
    [InlineData("200", "application/grpcs", StatusCode.Unknown)]
    [InlineData("200", "application/grpc-web", StatusCode.Unknown)]
    [InlineData("200", null, StatusCode.Unknown)]
    [InlineData("302", "text/html", StatusCode.Unknown)]
    [InlineData("400", "text/html", StatusCode.Internal)]
    [InlineData("401", "text/html", StatusCode.Unauthenticated)]
    [InlineData("403", "text/html", StatusCode.PermissionDenied)]
    [InlineData("404", "text/html", StatusCode.Unimplemented)]
    [InlineData("429", "text/html", StatusCode.Unavailable)]
    [InlineData("431", "text/html", StatusCode.Internal)]
    [InlineData("500", "text/html", StatusCode.Unknown)]
    [InlineData("502", "application/grpc", StatusCode.Unavailable)]
    [InlineData("503", "text/html", StatusCode.Unavailable)]
    [InlineData("504", "text/html", StatusCode.Unavailable)]
    public async Task What_is_no_gRPC_response_has_the_status_of_its_HTTP_status(string status, string? contentType, StatusCode read)
    {
        (string, string)[] type = contentType is null ? [] : [("content-type", contentType)];
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.HeadersAsync(request, end: false, [(":status", status), ("location", "http://127.0.0.1:1/"), .. type]);
            await connection.DataAsync(request, "<html>"u8.ToArray(), end: true);
        });
        Assert.Equal(read, (await calls.FailureAsync()).StatusCode);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task Every_gRPC_content_type_is_taken(string contentType)
    {
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.HeadersAsync(request, end: false, (":status", "200"), ("content-type", contentType));
            await connection.DataAsync(request, RawCalls.Message(9));
            await connection.HeadersAsync(request, end: true, Ok);
        });
        Assert.Equal([9], await calls.AnswerAsync());
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(1, "identity")]
    [InlineData(1, "gzip")]
    [InlineData(2, null)]
    [InlineData(255, null)]
    public async Task A_compressed_message_is_refused(byte flags, string? encoding)
    {
        TaskCompletionSource<RawFrame> reset = new();
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(request, encoding is null ? [] : [("grpc-encoding", encoding)]);
            await connection.DataAsync(request, RawCalls.Framed(flags, 3, 1, 2, 3));
            reset.SetResult(await connection.NextAsync(frame => frame.Type == RawFrame.Reset));
        });
        Assert.Equal(StatusCode.Internal, (await calls.FailureAsync()).StatusCode);
        Assert.Equal(8, (await reset.Task).ResetCode);
    }

    [Fact]
    public async Task An_uncompressed_message_of_a_compressing_server_is_taken()
    {
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(request, ("grpc-encoding", "gzip"));
            await connection.DataAsync(request, RawCalls.Message(1, 2));
            await connection.HeadersAsync(request, end: true, Ok);
        });
        Assert.Equal([1, 2], await calls.AnswerAsync());
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 3, 1, 2 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 1, 0 })]
    public async Task A_message_cut_short_is_no_success_whatever_the_status(byte[] sent)
    {
        await using RawCalls calls = Responding([sent], Ok);
        Assert.Equal(StatusCode.Internal, (await calls.FailureAsync()).StatusCode);
        Assert.Equal(StatusCode.Internal, (await Responding([sent], Ok).StreamAsync()).Status.StatusCode);

        await using RawCalls failing = Responding([sent], ("grpc-status", "14"));
        Assert.Equal(StatusCode.Unavailable, (await failing.FailureAsync()).StatusCode);
    }

    [Theory]
    [InlineData(4L << 20, false)]
    [InlineData((4L << 20) + 1, true)]
    [InlineData(uint.MaxValue, true)]
    public async Task A_length_above_the_limit_is_refused_before_the_message_comes(long length, bool refused)
    {
        TaskCompletionSource<RawFrame> reset = new();
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(request);
            await connection.DataAsync(request, RawCalls.Framed(0, length, 1), end: !refused);
            if (refused)
            {
                reset.SetResult(await connection.NextAsync(frame => frame.Type == RawFrame.Reset));
            }
        });
        Assert.Equal(refused ? StatusCode.ResourceExhausted : StatusCode.Unknown, (await calls.FailureAsync()).StatusCode);
        Assert.True(!refused || (await reset.Task).ResetCode == 8);
    }

    [Fact]
    public async Task Messages_need_not_fit_frames()
    {
        byte[] all = [.. RawCalls.Message(1, 2, 3), .. RawCalls.Message(), .. RawCalls.Message(new byte[20_000]), .. RawCalls.Message(4)];
        int[] lengths = [3, 0, 20_000, 1];

        await using RawCalls tiny = Responding(all.Take(60).Select(b => new[] { b }).Append(all[60..10_000]).Append(all[10_000..]), Ok);
        Assert.Equal(lengths, (await tiny.StreamAsync()).Messages.Select(m => m.Length));
        await using RawCalls large = Responding(all.Chunk(16_384), Ok);
        Assert.Equal(lengths, (await large.StreamAsync()).Messages.Select(m => m.Length));
    }

    [Fact]
    public async Task A_unary_response_has_exactly_one_message()
    {
        await using RawCalls none = Responding([], Ok);
        Assert.Equal(StatusCode.Internal, (await none.FailureAsync()).StatusCode);
        await using RawCalls two = Responding([RawCalls.Message(1), RawCalls.Message(2)], Ok);
        Assert.Equal(StatusCode.Internal, (await two.FailureAsync()).StatusCode);
        await using RawCalls failed = Responding([RawCalls.Message(1)], ("grpc-status", "7"));
        Assert.Equal(StatusCode.PermissionDenied, (await failed.FailureAsync()).StatusCode);
    }

    [Fact]
    public async Task Bytes_in_metadata_are_read_with_padding_and_without_and_joined()
    {
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(
                request, ("a-bin", "AQ=="), ("b-bin", "AQ"), ("c-bin", "AQ,Ag==, Aw"), ("d-bin", "!!"), ("e-bin", ""), ("x", "é"), ("y!", "1"));
            await connection.DataAsync(request, RawCalls.Message());
            await connection.HeadersAsync(request, end: true, Ok);
        });
        using AsyncUnaryCall<byte[]> call = calls.Unary();
        Metadata headers = await call.ResponseHeadersAsync;
        await call;

        Assert.Equal([1], headers.GetValueBytes("a-bin"));
        Assert.Equal([1], headers.GetValueBytes("b-bin"));
        Assert.Equal([1, 2, 3], headers.GetAll("c-bin").SelectMany(entry => entry.ValueBytes));
        Assert.Null(headers.Get("d-bin"));
        Assert.Empty(headers.GetValueBytes("e-bin")!);
        Assert.Null(headers.Get("content-type"));
    }

    [Fact]
    public async Task Headers_without_bounds_are_refused()
    {
        (string, string)[] many = [.. Enumerable.Range(0, 7).Select(i => ($"x-{i}", new string('a', 2000)))];
        await using RawCalls calls = RawCalls.To(
            async connection =>
            {
                await connection.OpenAsync();
                await connection.RespondAsync(await connection.NextRequestAsync(), many);
                await connection.DrainAsync();
            },
            new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { MaxResponseHeadersLength = 8 }, DisposeHttpClient = true });
        RpcException failure = await calls.FailureAsync();
        Assert.True(failure.StatusCode == StatusCode.ResourceExhausted, failure.ToString());
    }

    [Fact]
    public async Task An_answer_that_comes_before_the_whole_request_counts()
    {
        await using RawCalls calls = RawCalls.To(async connection =>
        {
            await connection.OpenAsync();
            int request = (await connection.NextAsync(frame => frame.Type == RawFrame.Headers)).Stream;
            await connection.HeadersAsync(
                request, end: true, (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "8"), ("grpc-message", "too much"));
            await connection.ResetAsync(request, 0);
            await connection.DrainAsync();
        });
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await calls.Client.Unary("Raw", new byte[1 << 20]));
        Assert.Equal((StatusCode.ResourceExhausted, "too much"), (failure.StatusCode, failure.Status.Detail));
    }

    private static RawCalls Responding(IEnumerable<byte[]> data, params (string Name, string Value)[] trailers) =>
        RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(request);
            foreach (byte[] part in data)
            {
                await connection.DataAsync(request, part);
            }

            await connection.HeadersAsync(request, end: true, trailers);
        });
}
