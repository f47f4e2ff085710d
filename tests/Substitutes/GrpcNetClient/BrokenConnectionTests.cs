using Grpc.Core;
using Grpc.Net.Client;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>Streams that are reset, connections that go away, servers that speak nonsense or do not speak at all.</summary>
public sealed class BrokenConnectionTests
{
    [Theory]
    [InlineData(0x0, StatusCode.Internal)]
    [InlineData(0x1, StatusCode.Internal)]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x3, StatusCode.Internal)]
    [InlineData(0x4, StatusCode.Internal)]
    [InlineData(0x6, StatusCode.Internal)]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0x9, StatusCode.Internal)]
    [InlineData(0xa, StatusCode.Internal)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    public async Task A_reset_stream_has_the_status_of_its_code(int code, StatusCode status)
    {
        await using RawCalls before = RawCalls.Answering((connection, request) => connection.ResetAsync(request, code));
        Assert.Equal(status, (await before.FailureAsync()).StatusCode);

        await using RawCalls midway = RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(request);
            await connection.DataAsync(request, RawCalls.Message(1, 2, 3));
            await connection.ResetAsync(request, code);
        });
        Assert.Equal(status, (await midway.FailureAsync()).StatusCode);
        Assert.Equal(status, (await midway.StreamAsync()).Status.StatusCode);
    }

    [Fact]
    public async Task A_call_that_a_closing_connection_did_not_take_is_made_again_on_another()
    {
        int connections = 0;
        await using RawCalls calls = RawCalls.To(async connection =>
        {
            await connection.OpenAsync();
            int request = await connection.NextRequestAsync();
            if (Interlocked.Increment(ref connections) == 1)
            {
                await connection.GoAwayAsync(0, 0);
                await connection.DrainAsync();
            }

            await AnswerAsync(connection, request, 7);
            await connection.DrainAsync();
        });

        Assert.Equal([7], await calls.AnswerAsync());
        Assert.Equal(2, connections);
    }

    [Fact]
    public async Task A_server_that_takes_no_call_is_unavailable()
    {
        await using RawCalls calls = RawCalls.To(async connection =>
        {
            await connection.OpenAsync();
            await connection.NextRequestAsync();
            await connection.GoAwayAsync(0, 0);
        });

        Assert.Equal(StatusCode.Unavailable, (await calls.FailureAsync()).StatusCode);
    }

    [Fact]
    public async Task A_call_that_a_closing_connection_did_take_is_finished_on_it()
    {
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.GoAwayAsync(request, 0);
            await AnswerAsync(connection, request, 1, 2);
        });

        Assert.Equal([1, 2], await calls.AnswerAsync());
    }

    [Theory]
    [InlineData(0x0, StatusCode.Unavailable)]
    [InlineData(0x2, StatusCode.Unavailable)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    public async Task A_connection_closed_under_a_call_has_the_status_of_its_reason(int code, StatusCode status)
    {
        await using RawCalls calls = RawCalls.To(async connection =>
        {
            await connection.OpenAsync();
            int request = await connection.NextRequestAsync();
            await connection.RespondAsync(request);
            await connection.DataAsync(request, [0, 0]);
            await connection.GoAwayAsync(request, code);
        });

        Assert.Equal(status, (await calls.FailureAsync()).StatusCode);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_connection_that_is_gone_is_unavailable(bool abruptly, bool midway)
    {
        await using RawCalls calls = RawCalls.To(async connection =>
        {
            await connection.OpenAsync();
            int request = await connection.NextRequestAsync();
            if (midway)
            {
                await connection.RespondAsync(request);
                await connection.DataAsync(request, RawCalls.Message(1, 2, 3));
            }

            if (abruptly)
            {
                connection.Abort();
            }
        });

        RpcException failure = await calls.FailureAsync();
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.NotNull(failure.Status.DebugException);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("220 mail.example ESMTP\r\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")]
    public async Task A_server_that_speaks_something_else_is_unavailable(string words)
    {
        await using RawCalls calls = RawCalls.To(connection => connection.WriteGarbageAsync(System.Text.Encoding.Latin1.GetBytes(words)));
        Assert.Equal(StatusCode.Unavailable, (await calls.FailureAsync()).StatusCode);
    }

    [Fact]
    public async Task Nonsense_in_the_middle_of_a_connection_makes_its_calls_unavailable()
    {
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(request);
            await connection.WriteGarbageAsync([.. Enumerable.Repeat((byte)0xff, 64)]);
        });
        Assert.Equal(StatusCode.Unavailable, (await calls.FailureAsync()).StatusCode);

        await using RawCalls headers = RawCalls.Answering((connection, request) =>
            connection.WriteAsync(RawFrame.Headers, RawFrame.EndHeaders, request, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        Assert.Equal(StatusCode.Unavailable, (await headers.FailureAsync()).StatusCode);
    }

    [Fact]
    public async Task Random_frames_end_every_call_one_way_or_the_other()
    {
        Random random = new(20261120);
        for (int round = 0; round < 200; round++)
        {
            byte[] noise = new byte[random.Next(1, 400)];
            random.NextBytes(noise);
            byte type = (byte)random.Next(0, 12), flags = (byte)random.Next(0, 64);
            bool headers = random.Next(2) == 0;
            await using RawCalls calls = RawCalls.To(async connection =>
            {
                await connection.OpenAsync();
                int request = await connection.NextRequestAsync();
                if (headers)
                {
                    await connection.RespondAsync(request);
                }

                await connection.WriteAsync(type, flags, request, noise);
            });
            await calls.FailureAsync();
        }
    }

    [Fact]
    public async Task A_server_that_never_answers_is_left_at_the_deadline_and_told_so()
    {
        TaskCompletionSource<RawFrame> reset = new();
        await using RawCalls calls = RawCalls.Answering(async (connection, _) =>
            reset.SetResult(await connection.NextAsync(frame => frame.Type == RawFrame.Reset)));

        RpcException failure = await calls.FailureAsync(new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(200)));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.Equal(8, (await reset.Task).ResetCode);
    }

    [Fact]
    public async Task A_deadline_in_the_middle_of_a_message_ends_the_call_and_tells_the_server()
    {
        TaskCompletionSource<RawFrame> reset = new();
        await using RawCalls calls = RawCalls.Answering(async (connection, request) =>
        {
            await connection.RespondAsync(request);
            await connection.DataAsync(request, RawCalls.Framed(0, 1000, new byte[500]));
            reset.SetResult(await connection.NextAsync(frame => frame.Type == RawFrame.Reset));
        });

        RpcException failure = await calls.FailureAsync(new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(300)));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
        Assert.Equal(8, (await reset.Task).ResetCode);
    }

    [Fact]
    public async Task A_server_that_accepts_and_says_nothing_is_left_at_the_deadline()
    {
        await using RawCalls calls = RawCalls.To(connection => Task.Delay(Timeout.Infinite, connection.Stopped));
        RpcException failure = await calls.FailureAsync(new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(200)));
        Assert.Equal(StatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task A_deadline_that_has_passed_starts_no_call()
    {
        await using RawCalls calls = RawCalls.To(connection => connection.OpenAsync());
        Assert.Equal(StatusCode.DeadlineExceeded, (await calls.FailureAsync(new CallOptions(deadline: DateTime.UtcNow))).StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, (await calls.FailureAsync(new CallOptions(deadline: DateTime.MinValue))).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await calls.FailureAsync(new CallOptions(cancellationToken: new CancellationToken(true)))).StatusCode);
        Assert.Equal(0, calls.Server.Connections);
    }

    [Fact]
    public async Task A_connection_that_takes_too_long_is_unavailable()
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(100),
            ConnectCallback = async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                throw new InvalidOperationException("the wait was endless");
            },
        };
        using GrpcChannel channel = GrpcChannel.ForAddress("http://127.0.0.1:9", new GrpcChannelOptions { HttpHandler = handler });
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().Unary("Raw", Array.Empty<byte>()));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_ping_that_nobody_answers_makes_the_calls_unavailable()
    {
        using SocketsHttpHandler handler = new()
        {
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        };
        await using RawCalls calls = RawCalls.To(
            async connection =>
            {
                await connection.OpenAsync();
                await connection.NextRequestAsync();
                await Task.Delay(Timeout.Infinite, connection.Stopped);
            },
            new GrpcChannelOptions { HttpHandler = handler });
        Assert.Equal(StatusCode.Unavailable, (await calls.FailureAsync()).StatusCode);
    }

    private static async Task AnswerAsync(RawHttp2Connection connection, int request, params byte[] message)
    {
        await connection.RespondAsync(request);
        await connection.DataAsync(request, RawCalls.Message(message));
        await connection.HeadersAsync(request, end: true, ("grpc-status", "0"));
    }
}
