using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.Witnessing;
using Athens.Federation.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Integration;

/// <summary>Real nodes that witness one another's logs.</summary>
public sealed class WitnessedTests
{
    private static readonly byte[] KeyInfo = Convert.FromHexString("302a300506032b6570032100");

    [Fact]
    public async Task Peers_cosign_a_log_that_grows_and_who_asks_for_witnesses_believes_it_then()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        await using var c = await PeerNode.CreateAsync("c");
        using var scratch = new TemporaryFolder("witnessed");
        a.Sections = "[pool]\norg = \"x\"\n";
        b.Sections = "[pool]\norg = \"y\"\n";

        // c believes a's log once b, of another organization than a's, has witnessed it; its own cosignature does not count for it.
        c.Sections = "[pool]\norg = \"z\"\nwitnesses = 1\n";
        var proxy = Path.GetDirectoryName(a.Folder.Scratch("proxy/x"))!;
        SyntheticProxy.Write(proxy, modules: 5, versionsOfEach: 2);
        var (exitCode, output) = await a.Folder.RunAsync(null, "store", "import", proxy);
        Assert.True(exitCode == 0, output);
        await a.Knows(b, org: "y").Knows(c, org: "z").StartAsync();
        await c.Knows(a, "observe", "x").Knows(b, org: "y").StartAsync();
        await a.ReloadAsync();
        var name = Keys(a).LogName;
        await UntilAsync(async () => Size(await CheckpointAsync(a, name)) == 10 && await IsCosignedAsync(a, name, c, scratch), a, c);
        await c.Process.WaitForLineAsync("organizations have witnessed its head");
        Assert.NotEqual(200, (await c.GetAsync($"/sumdb/{name}/latest")).Status);

        await b.Knows(a, org: "x").Knows(c, org: "z").StartAsync();
        await a.ReloadAsync();
        await c.ReloadAsync();
        await UntilAsync(async () => await IsCosignedAsync(a, name, b, scratch) && await IsCosignedAsync(a, name, c, scratch), a, c);
        await UntilAsync(async () => (await c.GetAsync($"/sumdb/{name}/latest")).Status == 200, a, b, c);
        Assert.Equal(10, Size(await CheckpointAsync(c, name)));

        // Go's form is as it was: one signature.
        Assert.Single(Encoding.UTF8.GetString((await a.GetAsync($"/sumdb/{name}/latest")).Body).Split('\n'), line => line.StartsWith('—'));
        foreach (var node in new[] { a, b, c })
        {
            Assert.DoesNotContain("SECURITY", node.Process.Output, StringComparison.Ordinal);
            Assert.Equal(0, await node.Process.StopAsync());
        }
    }

    [Fact]
    public async Task A_witness_that_is_killed_again_and_again_never_cosigns_two_histories()
    {
        await using var a = await PeerNode.CreateAsync("a");
        await using var b = await PeerNode.CreateAsync("b");
        await a.Knows(b).StartAsync();
        await b.Knows(a).StartAsync();
        await b.Process.WaitForLineAsync("Peer a connected");
        using var keys = NodeKeys.Open(a.Folder.Data, a.Name);

        // From here on the test is a, with a's keys and two histories.
        await a.Process.KillAsync();
        var random = new Random(11);
        HashSet<string> cosigned = new(StringComparer.Ordinal);
        var largest = 0;
        for (var round = 0; round < 4; round++)
        {
            using var caller = new Caller(keys, b);
            Assert.InRange(await caller.KnownSizeAsync(), largest, int.MaxValue);
            var killing = KillAsync(b, caller.Cosigned, random.Next(60));
            var histories = await Task.WhenAll(caller.GrowAsync("one\n", largest, 1), caller.GrowAsync("other\n", largest, 0));
            await killing;
            foreach (var (history, size) in histories.SelectMany(all => all))
            {
                cosigned.Add(history);
                largest = Math.Max(largest, size);
            }

            await a.StartAsync();
            await b.Process.DisposeAsync();
            await b.StartAsync();
            await b.Process.WaitForLineAsync("Peer a connected");
            await a.Process.KillAsync();
        }

        Assert.NotEqual(0, largest);
        Assert.Single(cosigned);
    }

    /// <summary>Kills it a moment after it has cosigned, in the middle of what comes next.</summary>
    private static async Task KillAsync(PeerNode node, Task cosigned, int milliseconds)
    {
        await Task.WhenAny(cosigned, Task.Delay(TimeSpan.FromSeconds(30)));
        await Task.Delay(milliseconds);
        await node.Process.KillAsync();
    }

    /// <summary>By OpenSSL and the specification alone: a line of this witness stands under the checkpoint and signs it.</summary>
    private static async Task<bool> IsCosignedAsync(PeerNode log, string name, PeerNode witness, TemporaryFolder scratch)
    {
        var note = await CheckpointAsync(log, name);
        var (text, signatures) = (note[..(note.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)], note[(note.LastIndexOf("\n\n", StringComparison.Ordinal) + 2)..]);
        var key = Keys(witness);
        var line = signatures.Split('\n').FirstOrDefault(line => line.StartsWith($"— {key.WitnessName} ", StringComparison.Ordinal));
        if (line is null)
        {
            return false;
        }

        var bytes = Convert.FromBase64String(line.Split(' ')[2]);
        Assert.Equal(4 + 8 + 64, bytes.Length);
        var seconds = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(4)).ToString(CultureInfo.InvariantCulture);
        await File.WriteAllBytesAsync(scratch.File("key"), [.. KeyInfo, .. key.Witness]);
        await File.WriteAllTextAsync(scratch.File("message"), $"cosignature/v1\ntime {seconds}\n{text}");
        await File.WriteAllBytesAsync(scratch.File("signature"), bytes[12..]);
        var run = await ChildProcess.RunAsync(
            "openssl",
            ["pkeyutl", "-verify", "-pubin", "-inkey", scratch.File("key"), "-keyform", "DER", "-rawin", "-in", scratch.File("message"), "-sigfile", scratch.File("signature")],
            Path.GetTempPath(),
            GoClient.BareEnvironment,
            default);
        run.OrFail();
        return true;
    }

    private static async Task<string> CheckpointAsync(PeerNode node, string name)
    {
        var answer = await node.GetAsync($"/sumdb/{name}/checkpoint");
        return answer.Status == 200 ? Encoding.UTF8.GetString(answer.Body) : $"none\n{answer.Status}\n\n";
    }

    private static int Size(string checkpoint) => int.Parse(checkpoint.Split('\n')[1], CultureInfo.InvariantCulture);

    private static (string LogName, string WitnessName, byte[] Witness) Keys(PeerNode node)
    {
        using var keys = NodeKeys.Open(node.Folder.Data, node.Name);
        return (keys.Log.Name, keys.Witness.Name, keys.Witness.PublicKey.ToArray());
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, params PeerNode[] nodes) => Assert.True(
        await ShortPause.UntilAsync(condition, static isSo => isSo), string.Join("\n\n", nodes.Select(node => node.Process.Output)));

    /// <summary>The log's node as a hostile one would be: with its keys, and histories of its own making.</summary>
    private sealed class Caller : IDisposable
    {
        private readonly NodeKeys keys;
        private readonly NodeCertificate certificate;
        private readonly SocketsHttpHandler handler;
        private readonly GrpcChannel channel;
        private readonly Wire.WitnessService.WitnessServiceClient service;
        private readonly TaskCompletionSource cosigned = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Caller(NodeKeys keys, PeerNode witness)
        {
            this.keys = keys;
            certificate = new NodeCertificate(keys.Identity, TimeProvider.System);
            Assert.True(PeerKey.TryParse(witness.Key, out var key, out _));
            handler = new SocketsHttpHandler { SslOptions = PeerTls.ClientOptions(certificate, key) };
            channel = GrpcChannel.ForAddress($"https://{witness.Address}", new GrpcChannelOptions { HttpHandler = handler });
            service = new Wire.WitnessService.WitnessServiceClient(channel);
        }

        /// <summary>Completes with the first cosignature.</summary>
        public Task Cosigned => cosigned.Task;

        public async Task<int> KnownSizeAsync()
        {
            // An old size that nobody has is a conflict, which tells the known one.
            var answer = await AddAsync("one\n", 9_999, 10_000);
            return (int)answer.KnownSize;
        }

        /// <summary>Lets a history grow as long as the witness lives; each size that it cosigned. Odd sizes or even ones: two roots of one size would end it by themselves.</summary>
        public async Task<List<(string History, int Size)>> GrowAsync(string history, int from, int odd)
        {
            var grown = new List<(string History, int Size)>();
            try
            {
                for (var (old, size) = (from, ((Math.Max(from, 10) / 2) * 2) + 2 + odd); grown.Count < 500;)
                {
                    try
                    {
                        var answer = await AddAsync(history, old, size);
                        if (answer.Cosignatures.IsEmpty)
                        {
                            old = (int)answer.KnownSize;
                            size = Math.Max(size, ((old / 2) * 2) + 2 + odd);
                        }
                        else
                        {
                            grown.Add((history, size));
                            cosigned.TrySetResult();
                            (old, size) = (size, size + 2);
                        }
                    }
                    catch (RpcException refused) when (refused.StatusCode is StatusCode.FailedPrecondition or StatusCode.ResourceExhausted)
                    {
                        size += 2;
                    }
                }
            }
            catch (RpcException)
            {
                // It was killed.
            }

            return grown;
        }

        public void Dispose()
        {
            channel.Dispose();
            handler.Dispose();
            certificate.Dispose();
        }

        private async Task<Wire.AddCheckpointResponse> AddAsync(string history, int old, int size) => await service.AddCheckpointAsync(
            new Wire.AddCheckpointRequest { Body = UnsafeByteOperations.UnsafeWrap(await WitnessRig.BodyAsync(keys.Log, old, size, history)) });
    }
}
