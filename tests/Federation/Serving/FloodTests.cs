using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Substitutes.GrpcNetClient;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>Ten thousand streams from one peer, kept or reset: others are served meanwhile, and nothing is left of it.</summary>
public sealed class FloodTests
{
    private const int Streams = 10_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_thousand_streams_leave_the_others_served_and_nothing_behind(bool areReset)
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { PeerStreams = 4 });
        PeerClient hostile = rig.AddClient("hostile");
        PeerClient other = rig.AddClient("other");
        SampleModule module = await rig.HoldAsync(fill: 3 << 20);
        IReadOnlyList<RawFrame> seen;
        using (RawPeer raw = await RawPeer.ConnectAsync(rig, hostile))
        {
            Task<IReadOnlyList<RawFrame>> reading = raw.DrainAsync();
            Task flooding = FloodAsync(raw, module, areReset);
            do
            {
                await other.HelloAsync();
            }
            while (!flooding.IsCompleted);

            await flooding;
            raw.Dispose();
            seen = await reading;
        }

        // Answered (most of them that too much is asked), refused, or the connection was closed: never more at once than was allowed.
        Assert.InRange(seen.Count(static frame => frame.Type == RawFrame.Headers && (frame.Flags & RawFrame.EndStream) == 0), 0, PeerServer.MaxStreams * 8);
        Assert.Equal(module.Zip, (await other.FetchAsync(PeerClient.Request(module.Module, Athens.Federation.V1.FetchRequest.Types.File.Zip))).Bytes);
        await hostile.UntilServedAsync();
        Assert.InRange(rig.Log.Count, 0, ScarceLines.LinesAMinute + 2);
    }

    private static async Task FloodAsync(RawPeer raw, SampleModule module, bool areReset)
    {
        try
        {
            for (int i = 0; i < Streams; i++)
            {
                int call = await raw.FetchAsync(module.Module);
                if (areReset)
                {
                    await raw.ResetAsync(call);
                }
            }
        }
        catch (IOException)
        {
            // The node has had enough.
        }
    }
}
