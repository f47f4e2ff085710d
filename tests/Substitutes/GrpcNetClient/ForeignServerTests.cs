using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Athens.Federation.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>The client against servers that are not of our making.</summary>
public abstract class ForeignServerTests(string library) : IAsyncLifetime
{
    private const string Script = "Substitutes/GrpcNetClient/echo_server";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private ForeignProgram server = null!;
    private string address = "";
    private GrpcChannel channel = null!;
    private CallInvoker client = null!;

    public async Task InitializeAsync()
    {
        (server, string port) = await ForeignProgram.ServeAsync(library, Script);
        address = $"http://127.0.0.1:{port}";
        channel = Channel();
        client = channel.CreateCallInvoker();
    }

    public Task DisposeAsync()
    {
        channel.Dispose();
        server.Dispose();
        return Task.CompletedTask;
    }

    [ForeignGrpcFact]
    public async Task A_unary_call_is_answered_and_metadata_goes_both_ways()
    {
        Metadata metadata = new() { { "x-text", "a value" }, { "x-bytes-bin", [0, 1, 0xff, 0x80] }, { "x-empty-bin", [] } };
        using var call = client.Unary("Echo", "hello"u8.ToArray(), new CallOptions(metadata));

        Assert.Equal("hello"u8.ToArray(), await call.ResponseAsync);
        Metadata headers = await call.ResponseHeadersAsync;
        Assert.Equal("a value", headers.GetValue("x-text"));
        Assert.Equal([0, 1, 0xff, 0x80], headers.GetValueBytes("x-bytes-bin"));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.Equal("a value", call.GetTrailers().GetValue("tx-text"));
        Assert.Equal([0, 1, 0xff, 0x80], call.GetTrailers().GetValueBytes("tx-bytes-bin"));
        Assert.DoesNotContain(call.GetTrailers(), entry => entry.Key.StartsWith("grpc-", StringComparison.Ordinal));
    }

    [ForeignGrpcFact]
    public async Task The_server_sees_the_metadata_the_deadline_and_who_calls()
    {
        Metadata metadata = new() { { "x-twice", "one" }, { "x-twice", "two" }, { "x-odd-bin", [1, 2, 3, 4] } };
        using var call = client.Unary("Headers", [], new CallOptions(metadata, DateTime.UtcNow.AddSeconds(90)));
        using JsonDocument seen = JsonDocument.Parse(await call.ResponseAsync);

        Assert.InRange(seen.RootElement.GetProperty("remaining").GetDouble(), 80, 91);
        string[] all = [.. seen.RootElement.GetProperty("metadata").EnumerateArray().Select(pair => $"{pair[0]}={pair[1]}")];
        Assert.Contains("x-odd-bin=AQIDBA==", all);
        Assert.Equal("one,two", string.Join(',', all.Where(text => text.StartsWith("x-twice=", StringComparison.Ordinal)).Select(text => text[8..].Replace(", ", ",", StringComparison.Ordinal))));
        Assert.Contains(all, text => text.StartsWith("user-agent=grpc-athens/", StringComparison.Ordinal));
    }

    [ForeignGrpcFact]
    public async Task A_call_without_a_deadline_tells_the_server_of_none()
    {
        using JsonDocument seen = JsonDocument.Parse(await client.Unary("Headers", Array.Empty<byte>()));
        JsonElement remaining = seen.RootElement.GetProperty("remaining");
        Assert.True(remaining.ValueKind == JsonValueKind.Null || remaining.GetDouble() > 1e9);
    }

    [ForeignGrpcFact]
    public async Task A_deadline_ends_a_call_that_hangs_and_the_server_learns_it()
    {
        await client.Unary("Echo", Array.Empty<byte>()); // connected: a short deadline is all for the call
        long started = Stopwatch.GetTimestamp();
        using var call = client.Unary("Hang", [], new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(300)));

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 290, 5000);
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);

        // There are headers only if the server was the first to notice its deadline, and said so.
        if (await Record.ExceptionAsync(() => call.ResponseHeadersAsync) is { } none)
        {
            Assert.Equal(StatusCode.DeadlineExceeded, Assert.IsType<RpcException>(none).StatusCode);
        }

        Assert.True(await client.SawCancellationAsync().WaitAsync(Soon));
    }

    [ForeignGrpcTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_token_ends_the_call_here_and_at_the_server(bool throwOperationCanceled)
    {
        using GrpcChannel other = Channel(throwOperationCanceled: throwOperationCanceled);
        using CancellationTokenSource cancel = new();
        using var call = other.CreateCallInvoker().Endless(new CallOptions(cancellationToken: cancel.Token));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        await cancel.CancelAsync();

        async Task ReadOnAsync()
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        }

        if (throwOperationCanceled)
        {
            Assert.Equal(cancel.Token, (await Assert.ThrowsAsync<OperationCanceledException>(ReadOnAsync)).CancellationToken);
        }
        else
        {
            Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(ReadOnAsync)).StatusCode);
        }

        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.True(await client.SawCancellationAsync().WaitAsync(Soon));
    }

    [ForeignGrpcFact]
    public async Task A_call_disposed_in_the_middle_of_its_stream_is_cancelled_at_the_server()
    {
        using (var call = client.Endless())
        {
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        }

        Assert.True(await client.SawCancellationAsync().WaitAsync(Soon));
    }

    [ForeignGrpcFact]
    public async Task The_token_of_a_read_cancels_the_call()
    {
        using var call = client.Unary("Hang", Array.Empty<byte>());
        using var stream = client.Endless();
        using CancellationTokenSource cancel = new();
        Assert.True(await stream.ResponseStream.MoveNext(cancel.Token));
        await cancel.CancelAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(cancel.Token));
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.True(await client.SawCancellationAsync().WaitAsync(Soon));
        Assert.False(call.ResponseAsync.IsCompleted);
    }

    [ForeignGrpcTheory]
    [InlineData("plain words")]
    [InlineData("Не найдено: модуль ‘☃’ 🚀, 100% of it\tgone")]
    public async Task An_error_arrives_with_its_words_and_details(string words)
    {
        byte[] details = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        object order = new { code = 5, message = words, details = Convert.ToBase64String(details) };

        var failure = await Assert.ThrowsAsync<RpcException>(() => client.Unary("Fail", order).ResponseAsync);
        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
        Assert.Equal(words, failure.Status.Detail);
        Assert.Equal(details, failure.Trailers.GetValueBytes("grpc-status-details-bin"));
    }

    [ForeignGrpcFact]
    public async Task An_error_after_messages_comes_after_the_messages()
    {
        using var call = client.Stream(new { count = 3, size = 10, code = 8, message = "genug für heute", details = "AQID" });
        int count = 0;
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                count++;
            }
        });

        Assert.Equal(3, count);
        Assert.Equal((StatusCode.ResourceExhausted, "genug für heute"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal([1, 2, 3], call.GetTrailers().GetValueBytes("grpc-status-details-bin"));
        await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
    }

    [ForeignGrpcFact]
    public async Task An_unknown_method_is_unimplemented()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(() => client.Unary("NoSuchMethod", Array.Empty<byte>()).ResponseAsync);
        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
    }

    [ForeignGrpcFact]
    public async Task A_message_above_the_limit_is_not_received()
    {
        object order = new { size = (4 << 20) + 1 };
        var failure = await Assert.ThrowsAsync<RpcException>(() => client.Unary("Large", order).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);

        Assert.Equal(4 << 20, (await client.Unary("Large", new { size = 4 << 20 })).Length);
        using GrpcChannel larger = Channel(receive: null);
        Assert.Equal(20 << 20, (await larger.CreateCallInvoker().Unary("Large", new { size = 20 << 20 })).Length);
    }

    [ForeignGrpcFact]
    public async Task A_message_above_the_limit_is_not_sent()
    {
        using GrpcChannel smaller = Channel(send: 1000);
        CallInvoker limited = smaller.CreateCallInvoker();
        Assert.Equal(1000, (await limited.Unary("Echo", new byte[1000])).Length);
        var failure = await Assert.ThrowsAsync<RpcException>(() => limited.Unary("Echo", new byte[1001]).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [ForeignGrpcFact]
    public async Task A_message_above_the_servers_limit_is_refused_in_the_servers_words()
    {
        Assert.Equal(1 << 20, (await client.Unary("Echo", new byte[1 << 20])).Length);
        var failure = await Assert.ThrowsAsync<RpcException>(() => client.Unary("Echo", new byte[3 << 20]).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
        Assert.Contains("larger than max", failure.Status.Detail, StringComparison.Ordinal);
    }

    [ForeignGrpcFact]
    public async Task A_server_that_dies_in_the_middle_of_a_stream_makes_the_call_unavailable()
    {
        using var call = client.Stream(new { count = 20, size = 100, die = true });
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Soon))
            {
            }
        });

        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        failure = await Assert.ThrowsAsync<RpcException>(() => client.Unary("Echo", new byte[1]).ResponseAsync.WaitAsync(Soon));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.IsType<SocketException>(failure.Status.DebugException!.GetBaseException());
    }

    /// <summary>grpc-js does as it is asked (identity only); gRPC's C core compresses all the same when told to.</summary>
    [ForeignGrpcFact]
    public async Task A_server_that_compresses_unasked_is_refused()
    {
        var (compressing, port) = await ForeignProgram.ServeAsync(library, Script, "gzip");
        using ForeignProgram ending = compressing;
        using GrpcChannel other = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        Task<byte[]> answer = other.CreateCallInvoker().Unary("Large", new { size = 1 << 20 }).ResponseAsync;
        if (library == "grpc-js")
        {
            Assert.Equal(1 << 20, (await answer).Length);
        }
        else
        {
            Assert.Equal(StatusCode.Internal, (await Assert.ThrowsAsync<RpcException>(() => answer)).StatusCode);
        }
    }

    [ForeignGrpcFact]
    public async Task Many_calls_share_a_connection()
    {
        byte[][] answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
            await client.Unary("Echo", Encoding.UTF8.GetBytes($"call {i}"))));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"call {i}"), answers.Select(Encoding.UTF8.GetString));
        Assert.Equal("blocking"u8.ToArray(), client.Blocking("Echo", "blocking"u8.ToArray()));
    }

    private GrpcChannel Channel(int? receive = 4 << 20, int? send = null, bool throwOperationCanceled = false) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = receive,
            MaxSendMessageSize = send,
            ThrowOperationCanceledOnCancellation = throwOperationCanceled,
        });
}

/// <inheritdoc />
public sealed class GrpcJsServerTests() : ForeignServerTests("grpc-js");

/// <inheritdoc />
public sealed class GrpcioServerTests() : ForeignServerTests("grpcio");
