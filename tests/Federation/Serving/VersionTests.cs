using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Storage;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class VersionTests
{
    private const string Path = "example.com/sample";
    private const string Pseudo = "v1.3.0-0.20260102030405-0123456789ab";

    [Fact]
    public async Task Held_versions_are_listed_in_order_and_pseudo_versions_left_out()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        PeerClient client = rig.AddClient();
        foreach (string version in new[] { "v1.10.0", "v1.2.0", "v1.3.0-rc.1", Pseudo })
        {
            await rig.HoldAsync(version: version);
        }

        Assert.Equal(["v1.2.0", "v1.3.0-rc.1", "v1.10.0"], (await client.VersionsAsync(Path)).Versions);
        Assert.Empty((await client.VersionsAsync("example.com/other")).Versions);
    }

    [Fact]
    public async Task A_list_of_any_length_fits_a_message_and_has_the_newest_versions()
    {
        WatchedStore store = null!;
        await using ServingRig rig = await ServingRig.StartAsync(around: inner => store = new WatchedStore(inner));
        PeerClient client = rig.AddClient();
        ModuleFacts one = SampleModule.Make().Facts;
        string tail = new('x', 200);
        store.Held = [.. Enumerable.Range(0, 20_000).Select(i => one with { Module = ModuleVersion.Create(Path, $"v1.0.{i}-{tail}", out _)! })];
        Wire.VersionsResponse answer = await client.VersionsAsync(Path);
        Assert.InRange(answer.CalculateSize(), 2 << 20, 4 << 20);
        Assert.InRange(answer.Versions.Count, 10_000, 19_999);
        Assert.Equal($"v1.0.19999-{tail}", answer.Versions[^1]);
        Assert.Equal($"v1.0.{20_000 - answer.Versions.Count}-{tail}", answer.Versions[0]);
    }

    [Theory]
    [InlineData("latest", "v1.10.0")]
    [InlineData("v1.2.0", "v1.2.0")]
    [InlineData("0123456789ab", Pseudo)]
    public async Task A_query_means_one_of_the_held_versions_and_brings_its_record_and_info(string query, string version)
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        PeerClient client = rig.AddClient();
        foreach (string held in new[] { "v1.10.0", "v1.2.0", "v1.11.0-rc.1" })
        {
            await rig.HoldAsync(version: held);
        }

        SampleModule pseudo = await rig.HoldAsync(version: Pseudo);
        Wire.ResolveResponse answer = await client.ResolveAsync(Path, query);
        Assert.Equal(version, answer.Version);
        Assert.Contains($"\"Version\":\"{version}\"", answer.Info.ToStringUtf8(), StringComparison.Ordinal);
        SignedNote note = SignedNote.Parse(answer.Record.Span, out _)!;
        Assert.True(note.IsSignedBy(rig.Keys.Log.Verifier));
        ModuleRecord record = ModuleRecord.Parse(note.Text, out _)!;
        Assert.Equal($"{Path}@{version}", record.Module.ToString());
        Assert.Equal(PeerClient.Sha256(answer.Info.ToByteArray()), record.Info.Sha256);
        Assert.Equal(version == Pseudo, record.ZipHash == pseudo.Facts.ZipHash);
    }

    [Fact]
    public async Task A_query_for_what_is_not_held_is_not_found()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        PeerClient client = rig.AddClient();
        await rig.HoldAsync();
        foreach ((string path, string query) in new[] { (Path, "v9.0.0"), (Path, "main"), ("example.com/other", "latest") })
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => client.ResolveAsync(path, query));
            Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_request_that_breaks_a_rule_is_refused_with_the_reason()
    {
        await using ServingRig rig = await ServingRig.StartAsync();
        PeerClient client = rig.AddClient();
        foreach (string path in new[] { "", "no-dot/x", "example.com/../x", "example.com/a\nb", "example.com/" + new string('a', 4000) })
        {
            foreach (Func<Task> ask in new Func<Task>[] { () => client.VersionsAsync(path), () => client.ResolveAsync(path, "latest") })
            {
                RpcException refused = await Assert.ThrowsAsync<RpcException>(ask);
                Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
                Assert.NotEmpty(refused.Status.Detail);
            }
        }

        foreach (string query in new[] { "", new string('b', 257), "a b\n" })
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => client.ResolveAsync(Path, query));
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        }
    }
}
