using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Athens.Federation.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Channel = System.Threading.Channels.Channel;

namespace Athens.Federation.Tests.Interop;

/// <summary>A call for a foreign client to make.</summary>
/// <param name="Method">The last part of its name.</param>
/// <param name="Request">As proto3's JSON has it.</param>
internal sealed record PeerOrder(string Method, JsonElement Request)
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    public PeerOrder(string method, IMessage request)
        : this(method, JsonDocument.Parse(Formatter.Format(request)).RootElement)
    {
    }

    public int Id { get; init; }

    /// <summary>Milliseconds.</summary>
    public int? Deadline { get; init; }

    /// <summary>Cancels when so many frames are there.</summary>
    public int? CancelAfter { get; init; }

    /// <summary>Tells of every so many frames.</summary>
    public int? TellEvery { get; init; }

    /// <summary>So many bytes more in the request, in a field that nobody knows.</summary>
    public int? Padding { get; init; }

    public bool Gzip { get; init; }

    public string[][]? Metadata { get; init; }
}

/// <summary>How a call ended for the foreign client.</summary>
internal sealed record PeerOutcome(
    StatusCode Code, string Words, JsonElement Response, int Frames, long Bytes, int Largest, string? Size, string? Sha256, string[][] Trailers, double Seconds)
{
    public string? Trailer(string key) => Trailers.FirstOrDefault(pair => pair[0] == key)?[1];

    /// <summary>The response of a unary call that ended well.</summary>
    public T As<T>()
        where T : IMessage, new()
    {
        Assert.Equal((StatusCode.OK, ""), (Code, Words));
        return JsonParser.Default.Parse<T>(Response.GetRawText());
    }
}

/// <summary>A call under way.</summary>
/// <param name="Id">Its order's.</param>
/// <param name="Outcome">Its end.</param>
/// <param name="Told">Numbers of frames that the client told of.</param>
internal sealed record PeerCall(int Id, Task<PeerOutcome> Outcome, ChannelReader<int> Told);

/// <summary>A client of the node's service that is not of our making, in a process of its own; any number of calls at once.</summary>
internal sealed class ForeignPeerClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly ConcurrentDictionary<int, (TaskCompletionSource<PeerOutcome> Outcome, Channel<int> Told)> calls = new();
    private readonly ForeignProgram program;
    private int ids;

    /// <param name="library">"grpc-js" or "grpcio".</param>
    /// <param name="folder">What <see cref="Identity.Export"/> wrote.</param>
    /// <param name="port">The node's.</param>
    /// <param name="arguments">See peer_client.py.</param>
    public ForeignPeerClient(string library, string folder, int port, params string[] arguments)
    {
        program = new ForeignProgram(library, "Interop/peer_client", [folder, $"{port}", .. arguments]);
        _ = ReadAsync();
    }

    public PeerCall Begin(PeerOrder order)
    {
        order = order with { Id = Interlocked.Increment(ref ids) };
        TaskCompletionSource<PeerOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Channel<int> told = Channel.CreateUnbounded<int>();
        calls[order.Id] = (outcome, told);
        program.Say(JsonSerializer.Serialize(order, Json));
        return new PeerCall(order.Id, outcome.Task.WaitAsync(Patience), told.Reader);
    }

    public Task<PeerOutcome> CallAsync(PeerOrder order) => Begin(order).Outcome;

    public void Cancel(PeerCall call) => program.Say(JsonSerializer.Serialize(new { cancel = call.Id }));

    /// <summary>As kill -9 does.</summary>
    public void Kill() => program.Kill();

    public void Dispose() => program.Dispose();

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                Take(await program.NextLineAsync());
            }
        }
        catch (Exception exception)
        {
            foreach ((TaskCompletionSource<PeerOutcome> outcome, _) in calls.Values)
            {
                outcome.TrySetException(exception);
            }
        }
    }

    private void Take(string line)
    {
        JsonElement answer = JsonDocument.Parse(line).RootElement;
        (TaskCompletionSource<PeerOutcome> outcome, Channel<int> told) = calls[answer.GetProperty("id").GetInt32()];
        if (answer.TryGetProperty("told", out JsonElement frames))
        {
            told.Writer.TryWrite(frames.GetInt32());
            return;
        }

        outcome.TrySetResult(answer.Deserialize<PeerOutcome>(Json)!);
        told.Writer.TryComplete();
    }
}
