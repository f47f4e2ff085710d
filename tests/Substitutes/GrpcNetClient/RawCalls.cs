using System.Buffers.Binary;
using Grpc.Core;
using Grpc.Net.Client;

namespace Athens.Federation.Tests.Substitutes.GrpcNetClient;

/// <summary>A channel to a <see cref="RawHttp2Server"/> and how calls over it end.</summary>
internal sealed class RawCalls : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly GrpcChannel channel;

    private RawCalls(RawHttp2Server server, GrpcChannelOptions options)
    {
        Server = server;
        channel = GrpcChannel.ForAddress(server.Address, options);
        Client = channel.CreateCallInvoker();
    }

    public RawHttp2Server Server { get; }

    public CallInvoker Client { get; }

    /// <summary>A server that runs a script for each connection, settings and preface included.</summary>
    public static RawCalls To(Func<RawHttp2Connection, Task> script, GrpcChannelOptions? options = null) =>
        new(RawHttp2Server.Start(script), options ?? new GrpcChannelOptions());

    /// <summary>A server that lets each connection open as it should and runs a script for each request in turn.</summary>
    public static RawCalls Answering(Func<RawHttp2Connection, int, Task> answer) => To(async connection =>
    {
        await connection.OpenAsync();
        while (true)
        {
            await answer(connection, await connection.NextRequestAsync());
        }
    });

    /// <summary>A message of gRPC: flags, length, bytes.</summary>
    public static byte[] Message(params byte[] bytes) => Framed(0, bytes.Length, bytes);

    /// <summary>A message that may say what is not so.</summary>
    public static byte[] Framed(byte flags, long length, params byte[] bytes)
    {
        byte[] message = new byte[5 + bytes.Length];
        message[0] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), (uint)length);
        bytes.CopyTo(message, 5);
        return message;
    }

    public AsyncUnaryCall<byte[]> Unary(CallOptions options = default) => Client.Unary("Raw", [], options);

    /// <summary>The response of a unary call.</summary>
    public async Task<byte[]> AnswerAsync() => await Unary().ResponseAsync.WaitAsync(Patience);

    /// <summary>How a unary call fails.</summary>
    public Task<RpcException> FailureAsync(CallOptions options = default) =>
        Assert.ThrowsAsync<RpcException>(() => Unary(options).ResponseAsync.WaitAsync(Patience));

    /// <summary>The messages of a stream, and how it ended.</summary>
    public async Task<(List<byte[]> Messages, Status Status)> StreamAsync()
    {
        List<byte[]> messages = [];
        using AsyncServerStreamingCall<byte[]> call = Client.Stream(new { });
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Patience))
            {
                messages.Add(call.ResponseStream.Current);
            }
        }
        catch (RpcException e)
        {
            Assert.Equal(e.Status, call.GetStatus());
        }

        return (messages, call.GetStatus());
    }

    public ValueTask DisposeAsync()
    {
        channel.Dispose();
        return Server.DisposeAsync();
    }
}
