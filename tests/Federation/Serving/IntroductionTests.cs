using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Serving;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class IntroductionTests
{
    [Fact]
    public async Task A_node_says_who_it_is_with_the_keys_it_proves()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        Wire.WhoAreYouResponse answer = await rig.AddClient().HelloAsync();
        Assert.Equal("server", answer.Name);
        Assert.StartsWith("athens ", answer.Software, StringComparison.Ordinal);
        Assert.Equal(rig.Key.Bytes.ToArray(), answer.IdentityKey.ToByteArray());
        Assert.Equal(rig.Keys.Log.PublicKey.ToArray(), answer.LogKey.ToByteArray());
        Assert.Equal(rig.Keys.Witness.PublicKey.ToArray(), answer.WitnessKey.ToByteArray());
        Assert.Equal(rig.Keys.Log.Name, answer.LogName);
        Assert.Empty(answer.Heads);
    }

    [Theory]
    [InlineData("é", 32, true)]
    [InlineData("é", 33, false)]
    [InlineData("x", 65, false)]
    public async Task Names_have_64_bytes_at_most(string letter, int count, bool isLawful)
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        PeerClient client = rig.AddClient();
        string name = string.Concat(Enumerable.Repeat(letter, count));
        foreach (Wire.WhoAreYouRequest request in new Wire.WhoAreYouRequest[] { new() { Name = name }, new() { Software = name } })
        {
            using var call = client.Service.WhoAreYouAsync(request);
            if (isLawful)
            {
                await call.ResponseAsync;
            }
            else
            {
                Assert.Equal(StatusCode.InvalidArgument, (await PeerClient.RefusedAsync(call)).StatusCode);
            }
        }
    }

    [Fact]
    public async Task How_much_is_held_is_told_in_two_digits_and_without_private_modules()
    {
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { Private = "corp.example" });
        PeerClient client = rig.AddClient();
        await rig.HoldAsync("corp.example/secret");
        for (int i = 0; i < 3; i++)
        {
            await rig.HoldAsync(version: $"v1.0.{i}");
        }

        ulong held;
        do
        {
            // Counted in the background.
            held = (await client.HelloAsync()).Held;
        }
        while (held == 0);

        Assert.Equal(3UL, held);
        Assert.Equal([0UL, 99UL, 120UL, 99_000UL], [HeldCount.RoundDown(0), HeldCount.RoundDown(99), HeldCount.RoundDown(129), HeldCount.RoundDown(99_999)]);
    }
}
