using System.Security.Cryptography;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Federation.Serving;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using File = Athens.Federation.V1.FetchRequest.Types.File;
using State = Athens.Federation.V1.Location.Types.State;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Interop;

/// <summary>The node's peer port as other gRPC libraries see it: every method, every refusal.</summary>
public abstract class ForeignPeerClientTests(string library)
{
    private const string Path = "example.com/sample";
    private const int BigFill = 9 << 20;

    /// <summary>What the node takes at most (PeerServer.MaxMessage).</summary>
    private const int MaxRequest = 128 << 10;

    private static readonly PeerOrder Hello = new("WhoAreYou", new Wire.WhoAreYouRequest { Software = "foreign", Name = "büro ☃" });

    [ForeignGrpcFact]
    public async Task Who_are_you_is_answered_whatever_metadata_comes_with_it()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        Wire.WhoAreYouResponse answer = (await node.Client().CallAsync(Hello with
        {
            Metadata = [["x-unknown", "a, b"], ["x-unknown", "c"], ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]],
        })).As<Wire.WhoAreYouResponse>();
        Assert.Equal(node.Rig.Keys.Identity.PublicKey.ToArray(), answer.IdentityKey.ToByteArray());
        Assert.Equal(node.Rig.Keys.Log.PublicKey.ToArray(), answer.LogKey.ToByteArray());
        Assert.Equal(node.Rig.Keys.Witness.PublicKey.ToArray(), answer.WitnessKey.ToByteArray());
        Assert.Equal(("server", node.Rig.Keys.Log.Name), (answer.Name, answer.LogName));
        Assert.StartsWith("athens ", answer.Software, StringComparison.Ordinal);
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task Locate_tells_what_is_held_what_is_wanted_and_what_is_neither()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        SampleModule held = await node.Rig.HoldAsync(Path, fill: BigFill);
        ModuleVersion wanted = Name("example.com/wanted");
        using FlightBoard.Entry flight = node.Rig.Flights.Begin(wanted);
        Wire.LocateRequest request = new() { WantsUpstream = true };
        request.Modules.Add(new[] { held.Module, Name("example.com/none"), wanted }.Select(PeerClient.Name));
        var locations = (await node.Client().CallAsync(new PeerOrder("Locate", request))).As<Wire.LocateResponse>().Locations;
        Assert.Equal([State.Held, State.Absent, State.Wanted], locations.Select(static location => location.State));
        Assert.Equal(held.Facts.ZipHash, LocationCheck.Examine(held.Module, locations[0], node.Rig.Keys.Log.Verifier, out _)!.ZipHash);
        Assert.Equal(SHA256.HashData(held.Zip), locations[0].ZipSha256.ToByteArray());
        Assert.Equal([.. held.Zip.Chunk(1 << 20).SelectMany(SHA256.HashData)], locations[0].Chunks.ToByteArray());
        Assert.Equal(
            ((ulong)held.Zip.Length, (uint)held.Info.Length, (uint)held.Mod.Length),
            (locations[0].ZipSize, locations[0].InfoSize, locations[0].ModSize));
        Assert.Equal(Rank.Of(node.Rig.Key, wanted).Value, locations[2].Rank);
    }

    [ForeignGrpcFact]
    public async Task A_wait_ends_when_the_fetch_does()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        SampleModule module = SampleModule.Make(Path);
        ForeignPeerClient client = node.Client();
        PeerCall waiting;
        using (node.Rig.Flights.Begin(module.Module))
        {
            waiting = client.Begin(Wait(module.Module));
            await node.Store.Asked.WaitAsync();
            await module.AdmitAsync(node.Rig.Disk);
        }

        Assert.Equal(State.Held, Assert.Single((await waiting.Outcome).As<Wire.LocateResponse>().Locations).State);
        Assert.Equal(0, node.Store.Cancelled.CurrentCount);
    }

    [ForeignGrpcFact]
    public async Task Versions_and_resolve_are_answered()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        SampleModule old = await node.Rig.HoldAsync(Path, "v1.0.0");
        SampleModule latest = await node.Rig.HoldAsync(Path, "v1.2.3");
        ForeignPeerClient client = node.Client();
        PeerOutcome versions = await client.CallAsync(new PeerOrder("Versions", new Wire.VersionsRequest { Path = Path }));
        Assert.Equal([old.Module.Version, latest.Module.Version], versions.As<Wire.VersionsResponse>().Versions);
        PeerOutcome none = await client.CallAsync(new PeerOrder("Versions", new Wire.VersionsRequest { Path = "example.com/none" }));
        Assert.Empty(none.As<Wire.VersionsResponse>().Versions);
        PeerOutcome resolved = await client.CallAsync(new PeerOrder("Resolve", new Wire.ResolveRequest { Path = Path, Query = "latest" }));
        Wire.ResolveResponse answer = resolved.As<Wire.ResolveResponse>();
        Assert.Equal(("v1.2.3", ByteString.CopyFrom(latest.Info)), (answer.Version, answer.Info));
        Assert.NotEmpty(answer.Record);
    }

    [ForeignGrpcFact]
    public async Task Every_file_is_fetched_whole_and_in_parts()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        SampleModule module = await node.Rig.HoldAsync(Path, fill: BigFill);
        ForeignPeerClient client = node.Client();
        const int Offset = 1_234_567;
        const int Length = 1 << 20;
        Wire.FetchRequest part = PeerClient.Request(module.Module, File.Zip, Offset, Length);
        part.Sha256 = ByteString.CopyFrom(SHA256.HashData(module.Zip));
        (Wire.FetchRequest Request, byte[] Expected, byte[] Whole)[] all =
        [
            (PeerClient.Request(module.Module, File.Info), module.Info, module.Info),
            (PeerClient.Request(module.Module, File.Mod), module.Mod, module.Mod),
            (PeerClient.Request(module.Module, File.Zip), module.Zip, module.Zip),
            (part, module.Zip[Offset..(Offset + Length)], module.Zip),
        ];
        PeerOutcome[] outcomes = await Task.WhenAll(all.Select(each => client.CallAsync(new PeerOrder("Fetch", each.Request))));
        foreach (((_, byte[] expected, byte[] whole), PeerOutcome outcome) in all.Zip(outcomes))
        {
            Assert.Equal((StatusCode.OK, PeerClient.Sha256(expected)), (outcome.Code, outcome.Sha256));
            Assert.Equal((expected.LongLength, $"{whole.Length}"), (outcome.Bytes, outcome.Size));
            Assert.InRange(outcome.Largest, 1, 256 << 10);
        }

        Assert.Equal(0, node.Store.Cancelled.CurrentCount);
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task Refusals_arrive_with_their_status_and_words_that_are_not_all_ASCII()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        SampleModule module = await node.Rig.HoldAsync(Path);
        ForeignPeerClient client = node.Client();
        Wire.FetchRequest otherBytes = PeerClient.Request(module.Module, File.Zip);
        otherBytes.Sha256 = ByteString.CopyFrom(SHA256.HashData(module.Mod));
        string tooLong = string.Concat(Enumerable.Repeat("日本語☃ ", 8000));
        (PeerOrder Order, StatusCode Code, string Words)[] refusals =
        [
            (Resolve("日本語-☃"), StatusCode.NotFound, $"{Path}@日本語-☃ is not held here"),
            (new("Versions", new Wire.VersionsRequest { Path = "example.com/größe 100%" }), StatusCode.InvalidArgument, "\"example.com/größe 100%\""),
            (new("Versions", new Wire.VersionsRequest { Path = tooLong }), StatusCode.InvalidArgument, "日本語☃ 日本語☃"),
            (new("Locate", new Wire.LocateRequest()), StatusCode.InvalidArgument, "1 to 64 module versions"),
            (new("Fetch", PeerClient.Request(Name("example.com/none"), File.Zip)), StatusCode.NotFound, "example.com/none@v1.0.0 is not held here"),
            (new("Fetch", PeerClient.Request(module.Module, (File)17)), StatusCode.InvalidArgument, "INFO, MOD and ZIP"),
            (new("Fetch", PeerClient.Request(module.Module, File.Mod, offset: ulong.MaxValue)), StatusCode.OutOfRange, $"byte {ulong.MaxValue}"),
            (new("Fetch", otherBytes), StatusCode.FailedPrecondition, module.Facts.Zip.Sha256),
            (new("Collect", new Wire.WhoAreYouRequest()), StatusCode.Unimplemented, ""),
        ];
        foreach ((PeerOrder order, StatusCode code, string words) in refusals)
        {
            PeerOutcome outcome = await client.CallAsync(order);
            Assert.Equal(code, outcome.Code);
            Assert.Contains(words, outcome.Words, StringComparison.Ordinal);
        }

        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task Messages_beyond_the_limits_of_either_side_are_refused_and_cost_only_their_own_call()
    {
        await using CalledNode node = await CalledNode.StartAsync(library);
        await node.Rig.HoldAsync(Path, fill: BigFill);
        ForeignPeerClient client = node.Client("receive=20000");
        const int Rest = 1000;
        Assert.Equal(StatusCode.OK, (await client.CallAsync(Hello with { Padding = MaxRequest - Rest })).Code);
        foreach (int padding in new[] { MaxRequest, 1 << 20, 16 << 20 })
        {
            Assert.Equal(StatusCode.ResourceExhausted, (await client.CallAsync(Hello with { Padding = padding })).Code);
        }

        Assert.Equal(StatusCode.Unimplemented, (await client.CallAsync(Hello with { Gzip = true, Padding = Rest })).Code);
        PeerOutcome file = await client.CallAsync(new PeerOrder("Fetch", PeerClient.Request(Name(Path), File.Zip)));
        Assert.Equal((StatusCode.ResourceExhausted, 0), (file.Code, file.Frames));
        await node.Store.Cancelled.WaitAsync();
        Assert.Equal(StatusCode.OK, (await client.CallAsync(Hello)).Code);
        Assert.Empty(node.Complaints);
    }

    [ForeignGrpcFact]
    public async Task Whoever_asks_too_much_is_told_when_to_come_back()
    {
        await using CalledNode node = await CalledNode.StartAsync(library, new FederationOptions { PeerStreams = 1, Egress = 64 << 10 });
        SampleModule module = await node.Rig.HoldAsync(Path, fill: BigFill);
        ForeignPeerClient client = node.Client();
        PeerCall slow = client.Begin(new PeerOrder("Fetch", PeerClient.Request(module.Module, File.Zip)) { TellEvery = 1 });
        await slow.Told.ReadAsync();
        PeerOutcome refused = await client.CallAsync(Hello);
        Assert.Equal((StatusCode.ResourceExhausted, "1 calls of this peer are under way"), (refused.Code, refused.Words));
        Assert.Equal("250", refused.Trailer("grpc-retry-pushback-ms"));
        client.Cancel(slow);
        Assert.Equal(StatusCode.Cancelled, (await slow.Outcome).Code);
    }

    [ForeignGrpcFact]
    public async Task Hundreds_of_calls_at_once_are_all_answered()
    {
        await using CalledNode node = await CalledNode.StartAsync(library, new FederationOptions { PeerStreams = 1000, PeerRate = 10_000 });
        SampleModule module = await node.Rig.HoldAsync(Path, fill: 200_000);
        ForeignPeerClient client = node.Client();
        PeerOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(i =>
            client.CallAsync(i % 4 == 0 ? new PeerOrder("Fetch", PeerClient.Request(module.Module, File.Zip)) : Hello)));
        Assert.All(outcomes, static outcome => Assert.Equal((StatusCode.OK, ""), (outcome.Code, outcome.Words)));
        Assert.All(outcomes.Where((_, i) => i % 4 == 0), outcome => Assert.Equal(PeerClient.Sha256(module.Zip), outcome.Sha256));
    }

    internal static ModuleVersion Name(string path) => ModuleVersion.Create(path, "v1.0.0", out _)!;

    /// <summary>An order to wait for a module version that is being fetched.</summary>
    internal static PeerOrder Wait(ModuleVersion module) =>
        new("Locate", new Wire.LocateRequest { Modules = { PeerClient.Name(module) }, WaitMs = 30_000 });

    private static PeerOrder Resolve(string query) => new("Resolve", new Wire.ResolveRequest { Path = Path, Query = query });
}

/// <inheritdoc />
public sealed class GrpcJsPeerClientTests() : ForeignPeerClientTests("grpc-js");

/// <inheritdoc />
public sealed class GrpcioPeerClientTests() : ForeignPeerClientTests("grpcio");
