using System.Security.Cryptography;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Storage;
using Grpc.Core;
using State = Athens.Federation.V1.Location.Types.State;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class LocateTests : IAsyncLifetime
{
    private static readonly ModuleVersion Missing = ModuleVersion.Create("example.com/missing", "v1.2.3", out _)!;

    private ServingRig rig = null!;
    private PeerClient client = null!;

    public async Task InitializeAsync()
    {
        rig = await ServingRig.StartAsync();
        client = rig.AddClient();
    }

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task A_held_module_version_comes_with_a_record_signed_by_this_nodes_log()
    {
        SampleModule module = await rig.HoldAsync();
        Wire.Location location = await client.LocateAsync(module.Module);
        Assert.Equal(State.Held, location.State);
        ModuleRecord record = LocationCheck.Examine(module.Module, location, rig.Keys.Log.Verifier, out string? lie)!;
        Assert.Null(lie);
        Assert.Equal(module.Facts.ZipHash, record.ZipHash);
        Assert.Equal(module.Facts.ModHash, record.ModHash);
        Assert.Equal(SHA256.HashData(module.Zip), location.ZipSha256.ToByteArray());
        Assert.Equal((ulong)module.Zip.Length, location.ZipSize);
        Assert.Equal((uint)module.Info.Length, location.InfoSize);
        Assert.Equal((uint)module.Mod.Length, location.ModSize);
        Assert.Empty(location.Chunks);
        Assert.False(record.IsVouched);
        Assert.EndsWith("Z upstream go1.19.8", record.Provenance, StringComparison.Ordinal);

        // The same bytes again: signed once.
        Assert.Equal(location.Record, (await client.LocateAsync(module.Module)).Record);
        Assert.False(SignedNote.Parse(location.Record.Span, out _)!.IsSignedBy(rig.Keys.Witness.Verifier));
    }

    [Fact]
    public async Task A_big_zip_comes_with_the_hashes_of_its_chunks()
    {
        SampleModule module = await rig.HoldAsync(fill: (8 << 20) + 12345);
        Wire.Location[] locations = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.LocateAsync(module.Module)));
        byte[] expected = [.. module.Zip.Chunk(1 << 20).SelectMany(static chunk => SHA256.HashData(chunk))];
        Assert.All(locations, location =>
        {
            Assert.Equal(expected, location.Chunks.ToByteArray());
            ModuleRecord record = LocationCheck.Examine(module.Module, location, rig.Keys.Log.Verifier, out string? lie)!;
            Assert.Null(lie);
            Assert.Equal(ChunkRules.RootOf(expected), record.ChunkRoot);
        });
    }

    [Fact]
    public async Task Answers_stand_in_the_order_of_the_request()
    {
        SampleModule one = await rig.HoldAsync("example.com/one");
        SampleModule two = await rig.HoldAsync("example.com/two");
        Wire.LocateRequest request = new();
        for (int i = 0; i < 64; i++)
        {
            request.Modules.Add(PeerClient.Name(i % 3 == 0 ? one.Module : i % 3 == 1 ? Missing : two.Module));
        }

        Wire.LocateResponse response = await client.Service.LocateAsync(request);
        Assert.Equal(64, response.Locations.Count);
        Assert.All(response.Locations.Index(), location => Assert.Equal(location.Index % 3 == 1 ? State.Absent : State.Held, location.Item.State));
        Assert.Equal(PeerClient.Sha256(one.Zip), Convert.ToHexStringLower(response.Locations[0].ZipSha256.Span));
        Assert.Equal(PeerClient.Sha256(two.Zip), Convert.ToHexStringLower(response.Locations[2].ZipSha256.Span));
    }

    [Fact]
    public async Task What_is_being_fetched_is_told_with_the_nodes_rank()
    {
        ulong rank = Rank.Of(rig.Key, Missing).Value;
        Wire.Location location = await client.LocateAsync(Missing);
        Assert.Equal((State.Absent, 0UL), (location.State, location.Rank));
        using FlightBoard.Entry flight = rig.Flights.Begin(Missing);
        location = await client.LocateAsync(Missing);
        Assert.Equal((State.Wanted, rank), (location.State, location.Rank));
        flight.GoesUpstream();
        location = await client.LocateAsync(Missing);
        Assert.Equal((State.Fetching, rank), (location.State, location.Rank));
    }

    [Fact]
    public async Task Waiting_ends_as_soon_as_the_fetch_does()
    {
        SampleModule module = SampleModule.Make();
        Task<Wire.Location> waiting;
        using (rig.Flights.Begin(module.Module))
        {
            waiting = client.LocateAsync(module.Module, waitMs: 30_000);
            Assert.Equal(State.Wanted, (await client.LocateAsync(module.Module)).State);
            Assert.False(waiting.IsCompleted);
            await module.AdmitAsync(rig.Disk);
        }

        Assert.Equal(State.Held, (await waiting).State);
    }

    [Fact]
    public async Task Waiting_ends_when_patience_does_and_nobody_waits_for_nothing()
    {
        ManualTime time = new();
        await using ServingRig other = await ServingRig.StartAsync(time: time);
        PeerClient caller = other.AddClient();
        Assert.Equal(State.Absent, (await caller.LocateAsync(Missing, waitMs: 30_000)).State);
        using FlightBoard.Entry flight = other.Flights.Begin(Missing);
        Task<Wire.Location> waiting = caller.LocateAsync(Missing, waitMs: 20_000);
        while (!waiting.IsCompleted)
        {
            // Whether the call has begun to wait cannot be seen from here; the clock goes on until it has.
            time.Advance(TimeSpan.FromSeconds(20));
            await caller.LocateAsync(Missing);
        }

        Assert.Equal(State.Wanted, (await waiting).State);
    }

    [Fact]
    public async Task Who_waits_is_answered_when_the_node_goes_down()
    {
        using FlightBoard.Entry flight = rig.Flights.Begin(Missing);
        Task<Wire.Location> waiting = client.LocateAsync(Missing, waitMs: 30_000);
        await client.LocateAsync(Missing);
        await rig.StopListeningAsync();
        try
        {
            Assert.Equal(State.Wanted, (await waiting).State);
        }
        catch (RpcException gone)
        {
            // It had not arrived when the port closed.
            Assert.Equal(StatusCode.Unavailable, gone.StatusCode);
        }
    }

    [Fact]
    public async Task A_caller_that_will_go_upstream_is_noted_as_a_rival()
    {
        long before = rig.Rivals.Mark;
        await client.LocateAsync(Missing);
        Assert.Equal(before, rig.Rivals.Mark);
        await client.LocateAsync(Missing, wantsUpstream: true);
        Assert.Equal(before + 1, rig.Rivals.Mark);
    }

    [Fact]
    public async Task A_request_that_breaks_a_rule_is_refused_with_the_reason()
    {
        Wire.LocateRequest tooMany = new();
        tooMany.Modules.AddRange(Enumerable.Range(0, 65).Select(static _ => PeerClient.Name(Missing)));
        Wire.LocateRequest[] broken =
        [
            new(),
            tooMany,
            new() { Modules = { PeerClient.Name(Missing) }, WaitMs = 30_001 },
            new() { Modules = { new Wire.ModuleVersion { Path = "example.com/x", Version = "v1" } } },
            new() { Modules = { new Wire.ModuleVersion { Path = "no-dot/x", Version = "v1.0.0" } } },
            new() { Modules = { new Wire.ModuleVersion() } },
        ];
        foreach (Wire.LocateRequest request in broken)
        {
            RpcException refused = await PeerClient.RefusedAsync(client.Service.LocateAsync(request));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.NotEmpty(refused.Status.Detail);
        }
    }

    [Fact]
    public async Task A_message_that_is_too_long_is_refused_and_the_connection_lives_on()
    {
        Wire.LocateRequest request = new();
        request.Modules.Add(new Wire.ModuleVersion { Path = "example.com/" + new string('a', 200_000), Version = "v1.0.0" });
        RpcException refused = await PeerClient.RefusedAsync(client.Service.LocateAsync(request));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Equal(State.Absent, (await client.LocateAsync(Missing)).State);
    }
}
