using System.Net;
using System.Net.Http.Headers;
using Athens.Federation.Tests.Interop;
using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Athens.Federation.Tests.Substitutes.GrpcAspNetCore;

/// <summary>What goes over the wire, byte by byte: requests that no gRPC library would send, and answers as HTTP shows them.</summary>
public sealed class ProtocolTests
{
    private const string Service = "/athens.tests.Interop/";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Bodies in hex that are no gRPC message, and the status that says so.</summary>
    public static TheoryData<string, string, int> BrokenBodies => new()
    {
        { "nothing", "", 13 },
        { "half a prefix", "000000", 13 },
        { "a prefix alone", "0000000003", 13 },
        { "cut short", "00000000030A", 13 },
        { "two messages", "00000000000000000000", 13 },
        { "a byte too many", "000000000000", 13 },
        { "no such flag", "0200000000", 13 },
        { "compressed, with no word of how", "0100000000", 13 },
        { "no protobuf", "0000000002FFFF", 13 },
        { "four gigabytes", "00FFFFFFFF", 8 },
        { "one byte over the limit", "0000400001", 8 },
    };

    [Theory]
    [MemberData(nameof(BrokenBodies))]
    public async Task What_is_no_message_is_refused(string what, string body, int status)
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await PostAsync(host, "Echo", Convert.FromHexString(body));

        Assert.True(answer.StatusCode == HttpStatusCode.OK, what);
        Assert.Equal($"{status}", Status(answer));
        Assert.Empty(host.Complaints);
    }

    [Fact]
    public async Task A_refused_encoding_is_answered_with_those_that_are_taken()
    {
        await using var host = await InteropHost.StartAsync();
        using var refused = await PostAsync(host, "Echo", [1, 0, 0, 0, 1, 0], ("grpc-encoding", "snappy"));
        Assert.Equal("12", Status(refused));
        Assert.Equal("identity", refused.Headers.GetValues("grpc-accept-encoding").Single());

        using var lying = await PostAsync(host, "Echo", [1, 0, 0, 0, 1, 0], ("grpc-encoding", "identity"));
        Assert.Equal("13", Status(lying));
        using var plain = await PostAsync(host, "Echo", [0, 0, 0, 0, 0], ("grpc-encoding", "identity"));
        Assert.Equal("0", Status(plain));
        using var unused = await PostAsync(host, "Echo", [0, 0, 0, 0, 0], ("grpc-encoding", "gzip"));
        Assert.Equal("0", Status(unused));
    }

    [Fact]
    public async Task An_answer_without_messages_is_headers_alone()
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await PostAsync(host, "Fail", Framed(new Order { Code = 5, Words = "no 100 %é" }));

        Assert.Equal("application/grpc", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("5", answer.Headers.GetValues("grpc-status").Single());
        Assert.Equal("no 100 %25%C3%A9", answer.Headers.GetValues("grpc-message").Single());
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        Assert.Empty(answer.TrailingHeaders);
    }

    [Fact]
    public async Task An_answer_with_a_message_has_its_status_in_the_trailers()
    {
        await using var host = await InteropHost.StartAsync();
        var message = Framed(new Message { Text = "x" });
        using var answer = await PostAsync(host, "Echo", message);

        Assert.Equal(message, await answer.Content.ReadAsByteArrayAsync());
        Assert.False(answer.Headers.Contains("grpc-status"));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.False(answer.TrailingHeaders.Contains("grpc-message"));
    }

    [Theory]
    [InlineData("AAECAw", "AAECAw==")]
    [InlineData("AAECAw==", "AAECAw==")]
    [InlineData("AQ,Ag==, AwQ=,", "AQ==|Ag==|AwQ=|")]
    public async Task Binary_metadata_may_lack_padding_and_be_joined_by_commas(string sent, string received)
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await PostAsync(host, "Echo", [0, 0, 0, 0, 0], ("x-a-bin", sent));

        Assert.Equal("0", Status(answer));
        Assert.Equal(received, string.Join('|', answer.Headers.GetValues("x-a-bin").SelectMany(line => line.Split(','))));
    }

    [Fact]
    public async Task Binary_metadata_that_is_no_base64_ends_the_call_that_reads_it()
    {
        await using var host = await InteropHost.StartAsync();
        using var broken = await PostAsync(host, "Echo", [0, 0, 0, 0, 0], ("x-a-bin", "A"));
        Assert.Equal("13", Status(broken));
        using var unread = await PostAsync(host, "Fail", Framed(new Order { Code = 5 }), ("x-a-bin", "?"));
        Assert.Equal("5", Status(unread));
        using var strange = await PostAsync(host, "Echo", [0, 0, 0, 0, 0], ("x-!#$", "not a key of metadata"));
        Assert.Equal("0", Status(strange));
        Assert.Empty(host.Complaints);
    }

    [Theory]
    [InlineData("50m", "Hang")]
    [InlineData("50000u", "Hang")]
    [InlineData("1n", "Hang")]
    [InlineData("0S", "Hang")]
    [InlineData("50m", "HangAfter")]
    public async Task The_server_ends_a_call_at_its_deadline(string timeout, string method)
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await PostAsync(host, method, Framed(new Order { Count = 3, Size = 100 }), ("grpc-timeout", timeout));

        await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal("4", Status(answer));
        Assert.Empty(host.Complaints);
    }

    [Theory]
    [InlineData("Hang")]
    [InlineData("HangAfter")]
    public async Task A_method_that_does_not_heed_its_token_holds_up_nobody(string method)
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await PostAsync(
            host, method, Framed(new Order { Count = 3, Size = 100, Words = "deaf" }), ("grpc-timeout", "100m"));

        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(method == "Hang" ? 0 : 3 * (100 + 2 + 5), body.Length);
        Assert.Equal("4", Status(answer));
        host.Sight.Deaf.SetResult();
        using var next = await PostAsync(host, "Echo", [0, 0, 0, 0, 0]);
        Assert.Equal("0", Status(next));
        Assert.Empty(host.Complaints);
    }

    [Fact]
    public async Task A_stream_under_way_ends_with_its_deadline_for_whoever_reads_and_is_reset_for_whoever_does_not()
    {
        await using var host = await InteropHost.StartAsync();
        var endless = Framed(new Order { Count = 1_000_000, Size = 100_000 });
        using var read = await PostAsync(host, "Stream", endless, HttpCompletionOption.ResponseHeadersRead, ("grpc-timeout", "300m"));
        await read.Content.CopyToAsync(Stream.Null);
        Assert.Equal("4", Status(read));

        using var unread = await PostAsync(host, "Stream", endless, HttpCompletionOption.ResponseHeadersRead, ("grpc-timeout", "300m"));
        await host.Sight.Ended.WaitAsync(Patience);
        await host.Sight.Ended.WaitAsync(Patience);
        var broken = await Assert.ThrowsAsync<HttpRequestException>(() => unread.Content.CopyToAsync(Stream.Null));
        Assert.Equal(8, Assert.IsType<HttpProtocolException>(broken.InnerException).ErrorCode);
        Assert.Empty(host.Complaints);
    }

    [Theory]
    [InlineData("99999999H")]
    [InlineData("1234567890S")]
    [InlineData("-1S")]
    [InlineData("1x")]
    [InlineData("S")]
    [InlineData("")]
    public async Task Deadlines_far_away_and_deadlines_that_are_none_end_nothing(string timeout)
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await PostAsync(host, "Echo", [0, 0, 0, 0, 0], ("grpc-timeout", timeout));
        Assert.Equal("0", Status(answer));
    }

    [Theory]
    [InlineData("/athens.tests.Interop/Nothing", "12")]
    [InlineData("/athens.tests.Interop/Missing", "12")]
    [InlineData("/athens.tests.Nobody/Echo", "12")]
    [InlineData("/Echo", null)]
    public async Task Unknown_methods_are_not_implemented(string path, string? status)
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await SendAsync(host, path, [0, 0, 0, 0, 0], "application/grpc+proto");
        Assert.Equal(status is null ? HttpStatusCode.NotFound : HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(status, Status(answer));
    }

    [Theory]
    [InlineData("application/grpc", HttpStatusCode.OK)]
    [InlineData("application/grpc+proto", HttpStatusCode.OK)]
    [InlineData("application/grpc; charset=utf-8", HttpStatusCode.OK)]
    [InlineData("application/grpc-web", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, HttpStatusCode.UnsupportedMediaType)]
    public async Task Only_gRPC_is_served(string? contentType, HttpStatusCode code)
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await SendAsync(host, Service + "Echo", [0, 0, 0, 0, 0], contentType);
        Assert.Equal(code, answer.StatusCode);
    }

    [Fact]
    public async Task HTTP_1_is_told_to_upgrade()
    {
        await using var host = await InteropHost.StartAsync(protocols: HttpProtocols.Http1);
        using var request = Request(Service + "Echo", [0, 0, 0, 0, 0], "application/grpc");
        request.Version = HttpVersion.Version11;
        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Equal("13", Status(answer));
    }

    [Fact]
    public async Task Other_methods_of_HTTP_are_not_allowed()
    {
        await using var host = await InteropHost.StartAsync();
        using var answer = await host.Http.GetAsync(new Uri(Service + "Echo", UriKind.Relative));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_that_breaks_off_costs_only_its_own_call()
    {
        await using var host = await InteropHost.StartAsync();
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, Service + "Echo") { Content = new EndlessContent(leaving) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        await Assert.ThrowsAnyAsync<Exception>(() => host.Http.SendAsync(request, leaving.Token));

        using var next = await PostAsync(host, "Echo", [0, 0, 0, 0, 0]);
        Assert.Equal("0", Status(next));
        Assert.Empty(host.Complaints);
    }

    private static byte[] Framed(IMessage message)
    {
        var payload = message.ToByteArray();
        return [0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];
    }

    private static Task<HttpResponseMessage> PostAsync(InteropHost host, string method, byte[] body, params (string Key, string Value)[] headers) =>
        PostAsync(host, method, body, HttpCompletionOption.ResponseContentRead, headers);

    private static Task<HttpResponseMessage> PostAsync(
        InteropHost host, string method, byte[] body, HttpCompletionOption completion, params (string Key, string Value)[] headers) =>
        SendAsync(host, Service + method, body, "application/grpc", completion, headers);

    private static async Task<HttpResponseMessage> SendAsync(
        InteropHost host,
        string path,
        byte[] body,
        string? contentType,
        HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead,
        params (string Key, string Value)[] headers)
    {
        using var request = Request(path, body, contentType);
        foreach (var (key, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(key, value));
        }

        using var patience = new CancellationTokenSource(Patience);
        return await host.Http.SendAsync(request, completion, patience.Token);
    }

    private static HttpRequestMessage Request(string path, byte[] body, string? contentType)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(body),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return request;
    }

    private static string? Status(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("grpc-status", out var alone) || answer.TrailingHeaders.TryGetValues("grpc-status", out alone) ? alone.Single() : null;

    /// <summary>Half of a message; then the client leaves.</summary>
    private sealed class EndlessContent(CancellationTokenSource leaving) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[] { 0, 0, 0, 1, 0, 1, 2, 3 });
            await stream.FlushAsync();
            await leaving.CancelAsync();
            await new TaskCompletionSource().Task.WaitAsync(leaving.Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
