using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Storage;
using Grpc.Core;
using File = Athens.Federation.V1.FetchRequest.Types.File;
using State = Athens.Federation.V1.Location.Types.State;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>What is private leaves the organization by no method, and cannot be told from what does not exist.</summary>
public sealed class PrivateModuleTests
{
    private const string Secret = "corp.example/secret";
    private static readonly ModuleVersion Absent = ModuleVersion.Create("corp.example/absent", "v1.0.0", out _)!;

    [Fact]
    public async Task To_outsiders_a_private_module_answers_as_an_absent_one_in_every_method()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Org = "corp", Private = "corp.example" });
        SampleModule held = await rig.HoldAsync(Secret, fill: 100_000);
        foreach (PeerClient outsider in new[] { rig.AddClient("other", org: "other"), rig.AddClient("none") })
        {
            foreach (Wire.LocateRequest wish in new Wire.LocateRequest[] { new(), new() { WantsUpstream = true, WaitMs = 30_000 } })
            {
                Assert.Equal(await LocateAsync(outsider, Absent, wish), await LocateAsync(outsider, held.Module, wish));
            }

            Assert.Equal(await outsider.VersionsAsync(Absent.Path), await outsider.VersionsAsync(Secret));
            await SameAsync(Absent.Path, Secret, path => outsider.ResolveAsync(path, "latest"));
            await SameAsync(Absent.Path, Secret, path => outsider.ResolveAsync(path, "v1.0.0"));
            foreach (File file in new[] { File.Info, File.Mod, File.Zip })
            {
                await SameAsync(Absent.Path, Secret, path => outsider.FetchAsync(
                    new() { Module = new() { Path = path, Version = "v1.0.0" }, File = file, Offset = 1 << 20, Sha256 = Google.Protobuf.ByteString.CopyFrom(new byte[32]) }));
            }
        }
    }

    [Fact]
    public async Task What_is_being_fetched_is_private_too_and_an_outsider_is_no_rival_for_it()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Org = "corp", Private = "corp.example" });
        PeerClient outsider = rig.AddClient("other", org: "other");
        using FlightBoard.Entry flight = rig.Flights.Begin(Absent);
        long rivals = rig.Rivals.Mark;
        Assert.Equal(State.Absent, (await outsider.LocateAsync(Absent, waitMs: 30_000, wantsUpstream: true)).State);
        Assert.Equal(rivals, rig.Rivals.Mark);
        Assert.Equal(State.Wanted, (await rig.AddClient("own", org: "corp").LocateAsync(Absent, wantsUpstream: true)).State);
        Assert.Equal(rivals + 1, rig.Rivals.Mark);
    }

    [Fact]
    public async Task Within_the_organization_it_is_served_by_every_method()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Org = "corp", Private = "corp.example" });
        SampleModule held = await rig.HoldAsync(Secret);
        PeerClient colleague = rig.AddClient("own", org: "corp");
        Assert.Equal(State.Held, (await colleague.LocateAsync(held.Module)).State);
        Assert.Equal(["v1.0.0"], (await colleague.VersionsAsync(Secret)).Versions);
        Assert.Equal("v1.0.0", (await colleague.ResolveAsync(Secret, "latest")).Version);
        Assert.Equal(held.Zip, (await colleague.FetchAsync(PeerClient.Request(held.Module, File.Zip))).Bytes);
    }

    [Fact]
    public async Task A_node_without_an_organization_keeps_private_modules_to_itself()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Private = "corp.example" });
        SampleModule held = await rig.HoldAsync(Secret);
        PeerClient peer = rig.AddClient("none", org: "");
        Assert.Equal(State.Absent, (await peer.LocateAsync(held.Module)).State);
        Assert.Equal(StatusCode.NotFound, (await peer.RefusedAsync(PeerClient.Request(held.Module, File.Mod))).StatusCode);
    }

    [Fact]
    public async Task A_peer_that_changes_its_organization_loses_sight_at_once()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Org = "corp", Private = "corp.example" });
        SampleModule held = await rig.HoldAsync(Secret);
        PeerClient peer = rig.AddClient("peer", org: "corp");
        Assert.Equal(State.Held, (await peer.LocateAsync(held.Module)).State);
        rig.Peers.Set(PeerOrigin.Configuration, [rig.Peers.Current[0] with { Org = "other" }]);
        Assert.Equal(State.Absent, (await peer.LocateAsync(held.Module)).State);
    }

    private static async Task<Wire.LocateResponse> LocateAsync(PeerClient client, ModuleVersion module, Wire.LocateRequest wish)
    {
        Wire.LocateRequest request = wish.Clone();
        request.Modules.Add(PeerClient.Name(module));
        return await client.Service.LocateAsync(request);
    }

    // The same status and trailers, and the same words but for the name.
    private static async Task SameAsync(string absent, string secret, Func<string, Task> ask)
    {
        RpcException one = await Assert.ThrowsAsync<RpcException>(() => ask(absent));
        RpcException other = await Assert.ThrowsAsync<RpcException>(() => ask(secret));
        Assert.Equal(StatusCode.NotFound, one.StatusCode);
        Assert.Equal(one.StatusCode, other.StatusCode);
        Assert.Equal(one.Status.Detail.Replace(absent, "", StringComparison.Ordinal), other.Status.Detail.Replace(secret, "", StringComparison.Ordinal));
        Assert.Equal(one.Trailers.Select(entry => entry.Key), other.Trailers.Select(entry => entry.Key));
    }
}
