using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Substitutes.GrpcAspNetCore;

/// <summary>The server, called by clients that are not of our making.</summary>
public abstract class ForeignClientTests(string library)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [ForeignGrpcFact]
    public async Task Messages_go_there_and_back_whole()
    {
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        foreach (var size in new[] { 0, 1, 5000, 16_379, 16_384, 70_000, 3_000_000 })
        {
            var data = new byte[size];
            new Random(size).NextBytes(data);
            var answer = await client.CallAsync(new ForeignCall("Echo", new { text = "δοκιμή 🏛", data }));

            Assert.Equal((0, "δοκιμή 🏛", size), (answer.Code, answer.Text, (int)answer.Bytes));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(data)), answer.Hash);
        }

        Assert.Empty(host.Complaints);
    }

    [ForeignGrpcFact]
    public async Task Metadata_comes_back_as_headers_and_as_trailers()
    {
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        var bytes = Convert.ToBase64String([0, 1, 2, 250, 255, (byte)',', 10]);
        var answer = await client.CallAsync(new ForeignCall("Echo", new { })
        {
            Metadata = [["x-word", "a, b; c=%20"], ["x-bytes-bin", bytes], ["x-none-bin", ""], ["y-other", "1"]],
        });

        Assert.Equal(0, answer.Code);
        Assert.Equal("a, b; c=%20", answer.Header("x-word"));
        Assert.Equal(bytes, answer.Header("x-bytes-bin"));
        Assert.Equal("", answer.Header("x-none-bin"));
        Assert.Equal("a, b; c=%20", answer.Trailer("tx-word"));
        Assert.Equal(bytes, answer.Trailer("tx-bytes-bin"));
        Assert.Null(answer.Header("y-other"));
    }

    [ForeignGrpcFact]
    public async Task Every_status_arrives_with_its_words_and_its_details()
    {
        const string Words = "οὐδέν — 100 % nothing\nof the 🧱 kind~";
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        for (var code = 1; code <= 16; code++)
        {
            var details = Encoding.UTF8.GetBytes("details " + code);
            var answer = await client.CallAsync(new ForeignCall("Fail", new { code, words = Words, details }));

            Assert.Equal((code, Words), (answer.Code, answer.Words));
            Assert.Equal(Convert.ToBase64String(details), answer.Trailer("grpc-status-details-bin"));
        }

        foreach (var padded in new[] { " padded ", "\tat the left", "at the right ", " ", "\u007f\u0000" })
        {
            Assert.Equal((9, padded), Ending(await client.CallAsync(new ForeignCall("Fail", new { code = 9, words = padded }))));
        }

        Assert.Empty(host.Complaints);
    }

    [ForeignGrpcFact]
    public async Task A_stream_may_end_badly_after_good_messages()
    {
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        var answer = await client.CallAsync(
            new ForeignCall("Stream", new { count = 7, size = 1000, code = 15, words = "gone" }, Stream: true));

        Assert.Equal((15, "gone", 7, 7000), (answer.Code, answer.Words, answer.Messages, (int)answer.Bytes));
    }

    [ForeignGrpcFact]
    public async Task Messages_of_a_stream_arrive_in_order()
    {
        const int Count = 40;
        const int Size = 256 << 10;
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        var answer = await client.CallAsync(new ForeignCall("Stream", new { count = Count, size = Size }, Stream: true));

        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var data = new byte[Size];
        for (var n = 0; n < Count; n++)
        {
            data.AsSpan().Fill((byte)(n % 251));
            expected.AppendData(data);
        }

        Assert.Equal((0, Count, (long)Count * Size), (answer.Code, answer.Messages, answer.Bytes));
        Assert.Equal(Convert.ToHexStringLower(expected.GetHashAndReset()), answer.Hash);
    }

    [ForeignGrpcFact]
    public async Task A_deadline_ends_the_call_on_both_sides()
    {
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        Assert.Equal(0, (await client.CallAsync(new ForeignCall("Echo", new { }))).Code);
        var answer = await client.CallAsync(new ForeignCall("Hang", new { }) { Deadline = 900 });

        Assert.Equal(4, answer.Code);
        Assert.True(await host.Sight.Cancelled.WaitAsync(Patience));
        Assert.Contains(Assert.Single(host.Sight.Notes), new[] { "deadline in 0.9 s", "deadline in 0.8 s", "deadline in 0.7 s" });
        Assert.Empty(host.Complaints);
    }

    [ForeignGrpcFact]
    public async Task A_client_that_cancels_cancels_the_method()
    {
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        var stream = await client.CallAsync(new ForeignCall("HangAfter", new { count = 3, size = 10 }, Stream: true) { CancelAfter = 3 });
        Assert.Equal((1, 3), (stream.Code, stream.Messages));
        Assert.True(await host.Sight.Cancelled.WaitAsync(Patience));

        var endless = await client.CallAsync(
            new ForeignCall("Stream", new { count = 1_000_000, size = 100_000 }, Stream: true) { CancelAfter = 5 });
        Assert.Equal(1, endless.Code);
        Assert.Equal(0, (await client.CallAsync(new ForeignCall("Echo", new { text = "still here" }))).Code);
        Assert.Empty(host.Complaints);
    }

    [ForeignGrpcFact]
    public async Task Messages_beyond_the_limits_exhaust_the_resource()
    {
        await using var host = await InteropHost.StartAsync(options =>
        {
            options.MaxReceiveMessageSize = 1000;
            options.MaxSendMessageSize = 2000;
        });
        using var client = new ForeignClient(library, host.Port);

        Assert.Equal(0, (await client.CallAsync(new ForeignCall("Echo", new { data = new byte[997] }))).Code);
        Assert.Equal(8, (await client.CallAsync(new ForeignCall("Echo", new { data = new byte[998] }))).Code);
        Assert.Equal(8, (await client.CallAsync(new ForeignCall("Echo", new { data = new byte[3_000_000] }))).Code);
        var sent = await client.CallAsync(new ForeignCall("Stream", new { count = 2, size = 1997 }, Stream: true));
        Assert.Equal((0, 2), (sent.Code, sent.Messages));
        var refused = await client.CallAsync(new ForeignCall("Stream", new { count = 2, size = 1998 }, Stream: true));
        Assert.Equal((8, 0), (refused.Code, refused.Messages));
    }

    [ForeignGrpcFact]
    public async Task Compressed_requests_are_not_implemented()
    {
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        var answer = await client.CallAsync(new ForeignCall("Echo", new { data = new byte[10_000] }) { Encoding = "gzip" });

        Assert.Equal(12, answer.Code);
        Assert.Contains("gzip", answer.Words, StringComparison.Ordinal);
        Assert.Contains("Supported encodings: identity", answer.Words, StringComparison.Ordinal);
    }

    [ForeignGrpcFact]
    public async Task Exceptions_are_unknown_to_the_client_and_told_to_the_operator()
    {
        await using var host = await InteropHost.StartAsync();
        using var client = new ForeignClient(library, host.Port);
        var answer = await client.CallAsync(new ForeignCall("Fail", new { code = -1, words = "the password is swordfish" }));

        Assert.Equal((2, "Exception was thrown by handler."), (answer.Code, answer.Words));
        Assert.Contains("swordfish", Assert.Single(host.Complaints), StringComparison.Ordinal);
        Assert.Equal(12, (await client.CallAsync(new ForeignCall("Missing", new { }))).Code);
    }

    private static (int Code, string Words) Ending(ForeignAnswer answer) => (answer.Code, answer.Words);
}

/// <inheritdoc />
public sealed class GrpcJsClientTests() : ForeignClientTests("grpc-js");

/// <inheritdoc />
public sealed class GrpcioClientTests() : ForeignClientTests("grpcio");
