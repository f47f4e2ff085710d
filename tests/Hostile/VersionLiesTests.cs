using System.Text;
using Athens.Federation.Tests.Storage;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Hostile;

/// <summary>A peer that invents versions.</summary>
[Collection(HostileCases.Name)]
public sealed class VersionLiesTests(NodeUnderTest node)
{
    [Fact]
    public async Task Versions_that_nobody_has_a_record_of_are_listed_to_nobody()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "inventor", prepare: static liar => liar.Versions = request =>
        {
            liar.Told();
            return new Wire.VersionsResponse { Versions = { Enumerable.Range(0, 20_000).Select(static n => $"v1.{n}.9"), "v9.9.9", "latest", "../../etc", new string('v', 1000) } };
        });
        SampleModule module = await encounter.NewAsync();
        Assert.Equal((200, "v1.0.0\n"), await encounter.AskAsync($"/{module.Module.Path}/@v/list"));
        Assert.True(encounter.Liar.Lies > 0);
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_list_beyond_all_bounds_costs_its_sender_its_place()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "endless-list", prepare: static liar => liar.Versions = static _ =>
            new Wire.VersionsResponse { Versions = { Enumerable.Repeat(new string('1', 1 << 20), 32) } });
        SampleModule module = await encounter.NewAsync();
        Assert.Equal((200, "v1.0.0\n"), await encounter.AskAsync($"/{module.Module.Path}/@v/list"));
        await encounter.AssertSetAsideAsync("Protocol");
        await encounter.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData("other-info")]
    [InlineData("other-record")]
    [InlineData("no-version")]
    public async Task A_latest_version_that_its_record_does_not_prove_is_a_lie(string kind)
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, kind, prepare: liar => liar.Resolve = request =>
        {
            SampleModule invented = SampleModule.Make(request.Path, "v1.9.9");
            return new Wire.ResolveResponse
            {
                Version = kind == "no-version" ? "v1.9.9-" : "v1.9.9",
                Record = kind == "other-record" ? liar.Note(liar.Record(SampleModule.Make(request.Path))) : liar.Note(liar.Record(invented)),
                Info = ByteString.CopyFrom(kind == "other-info" ? Encoding.UTF8.GetBytes("""{"Version":"v1.9.9","Time":"2030-01-01T00:00:00Z"}""") : invented.Info),
            };
        });
        SampleModule module = await encounter.NewAsync();
        (int status, string info) = await encounter.AskAsync($"/{module.Module.Path}/@latest");
        Assert.Equal(200, status);
        Assert.Contains("\"v1.0.0\"", info, StringComparison.Ordinal);
        await encounter.AssertSetAsideAsync("Lied");
        await encounter.AssertUnharmedAsync();
    }
}
