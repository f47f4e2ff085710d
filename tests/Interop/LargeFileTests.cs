using System.IO.Compression;
using System.Security.Cryptography;
using Athens.Federation.Tests.Federation.Serving;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Support;
using Grpc.Core;
using Xunit.Abstractions;
using File = Athens.Federation.V1.FetchRequest.Types.File;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Interop;

/// <summary>A hundred megabytes in one stream, both ways, and what they take of the node's memory.</summary>
[Collection(Alone.Name)]
public sealed class LargeFileTests(ITestOutputHelper output)
{
    private const int Size = 100 << 20;

    /// <summary>
    /// Live memory while a file goes through: a window of 16 MiB at most (.NET's), a few frames, and what the log and the
    /// garbage collector add; 2 MB were seen.
    /// </summary>
    private const long MostMemory = 20 << 20;

    [ForeignGrpcTheory]
    [InlineData("grpc-js")]
    [InlineData("grpcio")]
    public async Task The_node_sends_100_MB_whole_and_in_bounded_memory(string library)
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        SampleModule module = SampleModule.Make(fill: Size, level: CompressionLevel.NoCompression);
        await module.AdmitAsync(node.Rig.Disk);
        ForeignPeerClient client = node.Client();
        Memory memory = new();
        PeerCall call = client.Begin(new PeerOrder("Fetch", PeerClient.Request(module.Module, File.Zip)) { TellEvery = 200 });
        await foreach (int frames in call.Told.ReadAllAsync())
        {
            memory.Measure();
        }

        PeerOutcome outcome = await call.Outcome;
        output.WriteLine($"{library} took {outcome.Bytes >> 20} MiB in {outcome.Seconds:F2} s, {memory}");
        Assert.Equal((StatusCode.OK, PeerClient.Sha256(module.Zip)), (outcome.Code, outcome.Sha256));
        Assert.InRange(memory.More, long.MinValue, MostMemory);
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcTheory]
    [InlineData("grpc-js")]
    [InlineData("grpcio")]
    public async Task The_node_takes_100_MB_whole_and_in_bounded_memory(string library)
    {
        using ServingPeer peer = await ServingPeer.StartAsync(library, Size);
        Memory memory = new();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var call = peer.Client.Fetch(ServingPeer.Request("a.example/zip"));
        int frames = 0;
        await foreach (Wire.FetchFrame frame in call.ResponseStream.ReadAllAsync())
        {
            Assert.Equal(frames == 0 ? Size : 0UL, frame.Size);
            hash.AppendData(frame.Data.Span);
            if (frames++ % 100 == 99)
            {
                memory.Measure();
            }
        }

        output.WriteLine($"{library} sent {Size >> 20} MiB, {memory}");
        Assert.Equal(SHA256.HashData(peer.Content), hash.GetHashAndReset());
        Assert.InRange(memory.More, long.MinValue, MostMemory);
    }

    private sealed class Memory
    {
        private readonly long before = GC.GetTotalMemory(forceFullCollection: true);
        private long highest;

        public long More => highest - before;

        public void Measure() => highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: true));

        public override string ToString() => $"{More / 1e6:F1} MB of live memory more at most";
    }
}
