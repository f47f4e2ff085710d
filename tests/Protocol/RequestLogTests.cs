using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Athens.Federation.Node.Protocol;
using Athens.Federation.Node.Retrieval;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Protocol;

public sealed class RequestLogTests
{
    private const string Info = "/example.com/m/@v/v1.0.0.info";

    [Fact]
    public async Task Each_request_is_one_line_with_what_an_operator_searches_for()
    {
        await using var host = await FrontHost.StartAsync();
        host.Retrieval.Put("example.com/m", "v1.0.0", ModuleFileKind.Info, "{}"u8.ToArray());
        string id = "";
        for (int i = 0; i < 2; i++)
        {
            using var response = await host.Client.GetAsync(Info + "?secret=1");
            id = response.Headers.GetValues("X-Athens-Request-Id").Single();
        }

        await host.Client.GetAsync("/x%01y%E2%80%AE");
        var lines = await LinesAsync(host, 3);
        Assert.Equal(LogLevel.Information, lines[1].Level);
        var values = lines[1].Values;
        Assert.Equal(id, values["RequestId"]);
        Assert.Equal("GET", values["Method"]);
        Assert.Equal(Info, values["Path"]);
        Assert.Equal(200, values["Status"]);
        Assert.Equal("found", values["Outcome"]);
        Assert.Equal("example.com/m", values["Module"]);
        Assert.Equal("v1.0.0", values["Version"]);
        Assert.Equal("store", values["Source"]);
        Assert.Equal(2L, values["Bytes"]);
        Assert.InRange((double)values["ElapsedMs"]!, 0, 10_000);
        Assert.Equal("/x?y?", lines[2].Values["Path"]);
    }

    [Fact]
    public async Task A_client_that_hangs_up_is_logged_as_that_and_stops_waiting()
    {
        await using var host = await FrontHost.StartAsync();
        host.Retrieval.Gate = new TaskCompletionSource();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(host.EndPoint);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {Info} HTTP/1.1\r\nHost: node\r\n\r\n"));
            await host.Retrieval.AtGate.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        await host.Retrieval.GivenUp.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var line = (await LinesAsync(host, 1)).Single();
        Assert.Equal((LogLevel.Information, "RequestAnswered"), (line.Level, line.Event));
        Assert.Equal(499, line.Values["Status"]);
    }

    [Fact]
    public async Task A_bug_is_logged_with_its_id_and_answered_without_its_words()
    {
        await using var host = await FrontHost.StartAsync();
        host.Retrieval.Throwing["example.com/m"] = new InvalidOperationException("inside");
        using var response = await host.Client.GetAsync(Info);
        Assert.Equal(500, (int)response.StatusCode);
        var line = host.Log.Lines.Single(line => line.Level == LogLevel.Error);
        Assert.Equal("RequestFailed", line.Event);
        Assert.Equal(response.Headers.GetValues("X-Athens-Request-Id").Single(), line.Values["RequestId"]);
    }

    [Fact]
    public async Task A_file_that_breaks_on_the_way_breaks_the_connection_and_never_looks_whole()
    {
        await using var host = await FrontHost.StartAsync();
        // A hole of more bytes than the sockets of both ends can hold: the server is still reading when it is cut.
        const int Length = 256 << 20;
        string file = Path.Combine(Directory.CreateTempSubdirectory("front").FullName, "zip");
        SetLength(file, Length);
        host.Retrieval.PutFile("example.com/m", "v1.0.0", ModuleFileKind.Zip, file, new FileDigest(new string('0', 64), Length));
        using var response = await host.Client.GetAsync("/example.com/m/@v/v1.0.0.zip", HttpCompletionOption.ResponseHeadersRead);
        SetLength(file, 1);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
        await WaitForAsync(() => host.Log.Lines.Any(line => string.Equals(line.Event, "BodyCutShort", StringComparison.Ordinal)));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task A_listened_to_request_carries_its_module_in_the_trace()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => string.Equals(source.Name, "Microsoft.AspNetCore", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await FrontHost.StartAsync();
        host.Retrieval.Put("example.com/traced", "v1.0.0", ModuleFileKind.Info, "{}"u8.ToArray());
        await host.Client.GetAsync("/example.com/traced/@v/v1.0.0.info");
        await WaitForAsync(() => ended.Any(activity => Equals(activity.GetTagItem("athens.module"), "example.com/traced")));
    }

    [Fact]
    public async Task Lines_can_be_switched_off()
    {
        await using var host = await FrontHost.StartAsync(new ProtocolOptions { LogRequests = false });
        await host.Client.GetAsync("/healthz");
        Assert.Empty(host.Log.Lines);
    }

    private static void SetLength(string file, long length)
    {
        using var opened = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        opened.SetLength(length);
    }

    private static async Task<(LogLevel Level, string Event, Dictionary<string, object?> Values)[]> LinesAsync(FrontHost host, int count)
    {
        await WaitForAsync(() => host.Log.Lines.Count >= count);
        return [.. host.Log.Lines];
    }

    // A line is written after the client has its answer, by a thread of the server: nothing to await from outside.
    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
