using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Storage;
using Grpc.Core;
using File = Athens.Federation.V1.FetchRequest.Types.File;
using State = Athens.Federation.V1.Location.Types.State;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class LimitTests
{
    private const int Big = 4 << 20;
    private static readonly ModuleVersion Missing = ModuleVersion.Create("example.com/missing", "v1.2.3", out _)!;

    [Fact]
    public async Task A_peer_has_so_many_calls_at_once_and_another_one_its_own()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { PeerStreams = 2 });
        PeerClient client = rig.AddClient();
        PeerClient other = rig.AddClient("other");
        SampleModule module = await rig.HoldAsync(fill: Big);
        using OpenFetch first = await OpenFetch.BeginAsync(client, module);
        using (await OpenFetch.BeginAsync(client, module))
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(client.HelloAsync);
            Assert.Equal(PeerLimits.StreamsComeBack, ComeBack(refused));
            Assert.Contains("2 calls of this peer", refused.Status.Detail, StringComparison.Ordinal);
            await other.HelloAsync();
        }

        await client.UntilServedAsync();
        Assert.Equal(module.Zip, await first.RestAsync());
    }

    [Fact]
    public async Task The_peers_of_an_organization_share_its_calls()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { OrgStreams = 2 });
        SampleModule module = await rig.HoldAsync(fill: Big);
        PeerClient[] colleagues = [rig.AddClient("a", "org"), rig.AddClient("b", "org"), rig.AddClient("c", "org")];
        using OpenFetch first = await OpenFetch.BeginAsync(colleagues[0], module);
        using OpenFetch second = await OpenFetch.BeginAsync(colleagues[1], module);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(colleagues[2].HelloAsync);
        Assert.Equal(PeerLimits.StreamsComeBack, ComeBack(refused));
        await rig.AddClient("d", "elsewhere").HelloAsync();
        await rig.AddClient("e").HelloAsync();
    }

    [Fact]
    public async Task Beyond_its_rate_a_peer_is_told_when_to_come_back_and_is_served_then_and_not_before()
    {
        ManualTime time = new();
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { PeerRate = 4 }, time);
        PeerClient client = rig.AddClient();
        for (int i = 0; i < 8; i++)
        {
            await client.HelloAsync();
        }

        for (int round = 0; round < 5; round++)
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(client.HelloAsync);
            TimeSpan comeBack = ComeBack(refused);
            Assert.Equal(TimeSpan.FromMilliseconds(250), comeBack);
            time.Advance(comeBack - TimeSpan.FromMilliseconds(2));
            await Assert.ThrowsAsync<RpcException>(client.HelloAsync);
            time.Advance(TimeSpan.FromMilliseconds(2));
            await client.HelloAsync();
        }

        await rig.AddClient("other").HelloAsync();
    }

    [Fact]
    public async Task A_look_up_of_many_costs_more_than_one()
    {
        ManualTime time = new();
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { PeerRate = 1 }, time);
        PeerClient client = rig.AddClient();
        Wire.LocateRequest request = new();
        request.Modules.AddRange(Enumerable.Range(0, 64).Select(static _ => PeerClient.Name(Missing)));
        await client.Service.LocateAsync(request);
        TimeSpan comeBack = ComeBack(await Assert.ThrowsAsync<RpcException>(client.HelloAsync));
        Assert.Equal(TimeSpan.FromSeconds(4), comeBack);
        time.Advance(comeBack);
        await client.HelloAsync();
    }

    [Fact]
    public async Task Waiting_for_a_fetch_holds_no_call_place()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { PeerStreams = 1 });
        PeerClient client = rig.AddClient();
        Task<Wire.Location>[] waiting;
        using (rig.Flights.Begin(Missing))
        {
            waiting = [.. Enumerable.Range(0, 20).Select(async _ =>
            {
                // Before it waits it is a call as any other, and there is one place.
                while (true)
                {
                    try
                    {
                        return await client.LocateAsync(Missing, waitMs: 30_000);
                    }
                    catch (RpcException busy) when (busy.StatusCode == StatusCode.ResourceExhausted)
                    {
                        await Task.Yield();
                    }
                }
            })];
            await client.UntilServedAsync();
            Assert.All(waiting, static one => Assert.False(one.IsCompleted));
        }

        Assert.All(await Task.WhenAll(waiting), static location => Assert.Equal(State.Absent, location.State));
    }

    [Fact]
    public void A_peer_waits_for_a_thousand_module_versions_and_no_more()
    {
        PeerOptions peer = new("p", "p:1", default, "", PeerTrust.None);
        using PeerLimits limits = new(new FederationOptions(), new PeerList([peer]), TimeProvider.System);
        List<CallLease?> places = [.. Enumerable.Range(0, 15).Select(_ => limits.TryWait(peer, 64))];
        Assert.DoesNotContain(null, places);
        Assert.Null(limits.TryWait(peer, 64));
        CallLease? last = limits.TryWait(peer, 40);
        Assert.NotNull(last);
        Assert.Null(limits.TryWait(peer, 1));
        last.Dispose();
        last.Dispose();
        Assert.NotNull(limits.TryWait(peer, 40));
        Assert.Null(limits.TryWait(peer, 1));
    }

    [Fact]
    public void Calls_of_all_peers_together_are_bounded_and_forgotten_peers_leave_nothing()
    {
        PeerOptions[] all = [.. Enumerable.Range(0, 20).Select(static i => new PeerOptions($"p{i}", "p:1", KeyOf(i), $"org{i % 4}", PeerTrust.None))];
        PeerList list = new(all);
        using PeerLimits limits = new(new FederationOptions { PeerStreams = 100, OrgStreams = 10_000 }, list, TimeProvider.System);
        List<CallLease> leases = [.. all.SelectMany(peer => Enumerable.Range(0, 100).Select(_ => limits.TryEnter(peer, 1).Lease)).OfType<CallLease>()];
        Assert.Equal(PeerLimits.MaxCalls, leases.Count);
        list.Set(PeerOrigin.Configuration, []);
        Assert.Equal(0, limits.Remembered);
        leases.ForEach(static lease => lease.Dispose());
        list.Set(PeerOrigin.Configuration, all);
        Assert.NotNull(limits.TryEnter(all[19], 1).Lease);
    }

    [Fact]
    public async Task Every_way_a_call_can_end_gives_its_place_back()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { PeerStreams = 1, PeerRate = 10_000 });
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync(fill: Big);
        for (int round = 0; round < 20; round++)
        {
            await client.UntilServedAsync();
            switch (round % 4)
            {
                case 0:
                    await client.UntilServedAsync(() => client.FetchAsync(PeerClient.Request(module.Module, File.Zip)));
                    break;
                case 1:
                    (await OpenFetch.BeginAsync(client, module)).Dispose();
                    break;
                case 2:
                    await Assert.ThrowsAsync<RpcException>(() => client.FetchAsync(PeerClient.Request(Missing, File.Zip)));
                    break;
                default:
                    using (CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(5)))
                    {
                        // Cancelled somewhere on its way, or through before it could be.
                        await Record.ExceptionAsync(() => client.FetchAsync(PeerClient.Request(module.Module, File.Zip), soon.Token));
                    }

                    break;
            }
        }

        await client.UntilServedAsync();
    }

    private static Athens.Federation.Node.Federation.Identity.PeerKey KeyOf(int number)
    {
        byte[] bytes = new byte[32];
        bytes[0] = (byte)number;
        return Athens.Federation.Node.Federation.Identity.PeerKey.Of(bytes);
    }

    private static TimeSpan ComeBack(RpcException refused)
    {
        CallFault fault = CallFault.Of(refused);
        Assert.Equal(PeerFault.Busy, fault.Fault);
        return fault.Pushback;
    }
}
