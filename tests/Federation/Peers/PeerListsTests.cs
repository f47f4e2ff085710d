using System.Security.Cryptography;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;
using Google.Protobuf;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>Lists and queries: only what a trusted record confirms.</summary>
public sealed class PeerListsTests : IAsyncLifetime, IDisposable
{
    private const string Path = "example.com/a";
    private readonly TwinPeer a = new("a");
    private readonly TwinPeer b = new("b");
    private readonly TwinPeer stranger = new("stranger", PeerTrust.None);
    private readonly PeersRig rig;

    public PeerListsTests()
    {
        rig = new PeersRig(new FederationOptions(), a, b, stranger);
        rig.Connect(a);
        rig.Connect(b);
        rig.Connect(stranger);
    }

    [Fact]
    public async Task The_list_is_the_union_of_what_trusted_peers_hold_on_record()
    {
        List(a, "v1.0.0", "v1.1.0");
        List(b, "v1.1.0", "v1.2.0-rc.1", "v1.10.0");
        List(stranger, "v9.0.0", "v1.99.0");
        Outcome<VersionList> outcome = await VersionsAsync();
        Assert.Equal(["v1.0.0", "v1.1.0", "v1.2.0-rc.1", "v1.10.0"], outcome.Value!.Versions);
        Assert.Contains(outcome.Source, new[] { "peer:a", "peer:b" });
        Assert.Equal(0, stranger.Calls);
    }

    [Fact]
    public async Task What_is_not_confirmed_is_left_out_and_another_peer_may_confirm_it()
    {
        List(a, "v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0");
        List(b, "v1.2.0");
        a.Locations.Remove(Named("v1.1.0"), out _);
        a.Locations.Remove(Named("v1.2.0"), out _);
        a.Locations[Named("v1.3.0")] = new Wire.Location { State = Wire.Location.Types.State.Fetching };
        Assert.Equal(["v1.0.0", "v1.2.0"], (await VersionsAsync()).Value!.Versions);
    }

    [Fact]
    public async Task What_is_no_version_of_the_path_is_left_out_before_anybody_is_asked()
    {
        List(a, "v1.0.0");
        a.Versions = static (_, _) => Task.FromResult(new Wire.VersionsResponse
        {
            Versions = { "v1.0.0", "v1.0.0", "v2.0.0", "v1", "v1.0.0-20200101000000-0123456789ab", "", "../../etc", "v1.0.0 v1.0.1" },
        });
        Assert.Equal(["v1.0.0"], (await VersionsAsync()).Value!.Versions);
        Assert.Equal(2, a.Calls);
    }

    [Fact]
    public async Task Of_very_many_versions_the_newest_1024_are_asked_for_in_batches_of_64()
    {
        string[] many = [.. Enumerable.Range(0, 3000).Select(static i => $"v1.{i}.0")];
        a.Versions = (_, _) =>
        {
            Wire.VersionsResponse response = new();
            response.Versions.AddRange(many);
            return Task.FromResult(response);
        };
        int largest = 0;
        int asked = 0;
        a.Locate = (request, _) =>
        {
            largest = Math.Max(largest, request.Modules.Count);
            asked += request.Modules.Count;
            return Task.FromResult(a.Located(request));
        };
        a.Hold(Named("v1.2999.0"));
        a.Hold(Named("v1.0.0"));
        Assert.Equal(["v1.2999.0"], (await VersionsAsync()).Value!.Versions);
        Assert.Equal((64, 1024), (largest, asked));
    }

    [Fact]
    public async Task Nobody_who_knows_is_absent_and_nobody_who_answers_is_not()
    {
        Assert.Equal(OutcomeKind.Absent, (await VersionsAsync()).Kind);
        a.Versions = static (_, _) => throw new RpcException(new Status(StatusCode.Internal, "broken"));
        Assert.Equal(OutcomeKind.Absent, (await VersionsAsync()).Kind);
        b.Versions = a.Versions;
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(OutcomeKind.Unavailable, (await VersionsAsync()).Kind);
    }

    [Fact]
    public async Task A_silent_peer_does_not_hold_up_the_others()
    {
        List(a, "v1.0.0");
        b.Versions = HangAsync<Wire.VersionsRequest, Wire.VersionsResponse>;
        long start = rig.Time.GetTimestamp();
        Outcome<VersionList> outcome = await rig.AdvanceUntilAsync(rig.Source.VersionsAsync(Path, CancellationToken.None));
        Assert.Equal(["v1.0.0"], outcome.Value!.Versions);
        Assert.InRange(rig.Time.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromMilliseconds(900));
    }

    [Fact]
    public async Task A_query_is_answered_with_the_highest_release_that_a_trusted_record_confirms()
    {
        Answer(a, "v1.2.0");
        Answer(b, "v1.10.0");
        Answer(stranger, "v1.99.0");
        Outcome<ResolvedVersion> outcome = await ResolveAsync();
        Assert.Equal("v1.10.0", outcome.Value!.Version);
        Assert.Equal("peer:b", outcome.Source);
        Answer(b, "v1.11.0-rc.1");
        Assert.Equal("v1.2.0", (await ResolveAsync()).Value!.Version);
    }

    [Theory]
    [InlineData("info")]
    [InlineData("version")]
    [InlineData("record")]
    [InlineData("path")]
    public async Task A_query_that_is_answered_with_a_lie_sets_the_peer_aside(string lie)
    {
        Answer(a, "v1.2.0", response =>
        {
            switch (lie)
            {
                case "info":
                    response.Info = ByteString.CopyFromUtf8("""{"Version":"v1.2.0","Time":"2026-01-02T03:04:06Z"}""");
                    break;
                case "version":
                    response.Version = "v1.3.0";
                    break;
                case "record":
                    response.Record = b.Sign(TwinPeer.Record(Named("v1.2.0"), "genuine"));
                    break;
                default:
                    response.Version = "../../x";
                    break;
            }
        });
        Answer(b, "v1.1.0");
        Assert.Equal("v1.1.0", (await ResolveAsync()).Value!.Version);
        Assert.True(rig[a].SetAsideLeft > TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task A_query_that_nobody_can_tell_is_absent() =>
        Assert.Equal(OutcomeKind.Absent, (await ResolveAsync()).Kind);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await rig.DisposeAsync();

    public void Dispose()
    {
        a.Dispose();
        b.Dispose();
        stranger.Dispose();
    }

    private static ModuleVersion Named(string version) => ModuleVersion.Create(Path, version, out _)!;

    private static void List(TwinPeer twin, params string[] versions)
    {
        foreach (string version in versions)
        {
            if (ModuleVersion.Create(Path, version, out _) is { } module)
            {
                twin.Hold(module, version);
            }
        }

        twin.Versions = (_, _) =>
        {
            Wire.VersionsResponse response = new();
            response.Versions.AddRange(versions);
            return Task.FromResult(response);
        };
    }

    private static void Answer(TwinPeer twin, string version, Action<Wire.ResolveResponse>? spoil = null)
    {
        byte[] info = System.Text.Encoding.UTF8.GetBytes($$"""{"Version":"{{version}}","Time":"2026-01-02T03:04:05Z"}""");
        ModuleRecord record = TwinPeer.Record(Named(version), "genuine") with
        {
            Info = new RecordedFile(Convert.ToHexStringLower(SHA256.HashData(info)), info.Length),
        };
        Wire.ResolveResponse response = new() { Version = version, Record = twin.Sign(record), Info = ByteString.CopyFrom(info) };
        spoil?.Invoke(response);
        twin.Resolve = (_, _) => Task.FromResult(response);
    }

    private static async Task<TResponse> HangAsync<TRequest, TResponse>(TRequest request, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException();
    }

    private Task<Outcome<VersionList>> VersionsAsync() => rig.Source.VersionsAsync(Path, CancellationToken.None);

    private Task<Outcome<ResolvedVersion>> ResolveAsync() => rig.Source.ResolveAsync(Path, "latest", CancellationToken.None);
}
