using System.Security.Cryptography;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Telemetry;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Fetched = Athens.Federation.V1.FetchRequest.Types.File;
using State = Athens.Federation.V1.Location.Types.State;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>What a node says it holds follows what its disk has; chunk lists are right and made once.</summary>
public sealed class HoldingTests
{
    private const int EightMiB = 8 << 20;

    [Theory]
    [InlineData(EightMiB - 1, 0)]
    [InlineData(EightMiB, 8)]
    [InlineData(EightMiB + 1, 9)]
    [InlineData(9 << 20, 9)]
    public async Task A_zip_has_a_chunk_list_from_8_MiB_up_and_its_last_chunk_may_be_one_byte(int size, int chunks)
    {
        int overhead = SampleModule.Make(fill: 1 << 20).Zip.Length - (1 << 20);
        await using ServingRig rig = await ServingRig.StartAsync();
        SampleModule module = await rig.HoldAsync(fill: size - overhead);
        Assert.Equal(size, module.Zip.Length);
        Wire.Location location = await rig.AddClient().LocateAsync(module.Module);
        Assert.Equal(chunks * SHA256.HashSizeInBytes, location.Chunks.Length);
        ModuleRecord record = LocationCheck.Examine(module.Module, location, rig.Keys.Log.Verifier, out string? lie)!;
        Assert.Null(lie);
        byte[] expected = [.. module.Zip.Chunk(1 << 20).SelectMany(static chunk => SHA256.HashData(chunk))];
        Assert.Equal(chunks == 0 ? null : ChunkRules.RootOf(expected), record.ChunkRoot);
        Assert.Equal(chunks == 0 ? [] : expected, location.Chunks.ToByteArray());
    }

    [Fact]
    public async Task A_chunk_list_is_made_once_also_when_whoever_asked_first_did_not_wait_for_it()
    {
        ManualTime time = new();
        WatchedStore store = null!;
        await using ServingRig rig = await ServingRig.StartAsync(new FederationOptions { PeerStreams = 1 }, time, inner => store = new WatchedStore(inner));
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync(fill: EightMiB);
        TaskCompletionSource reached = new();
        TaskCompletionSource go = new();
        store.Opening = _ =>
        {
            // The first opening is the look whether the zip is there, the second is for the list.
            if (store.ZipsOpened == 2)
            {
                reached.TrySetResult();
                return go.Task;
            }

            return Task.CompletedTask;
        };
        using (CancellationTokenSource impatient = new())
        {
            using var call = client.Service.LocateAsync(new() { Modules = { PeerClient.Name(module.Module) } }, cancellationToken: impatient.Token);
            await reached.Task;
            await impatient.CancelAsync();
            await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        }

        // Its place is free: the call is over at the node, too.
        await client.UntilServedAsync();
        go.SetResult();
        for (int opened = 3; opened < 8; opened++)
        {
            await client.UntilServedAsync(async () => Assert.Equal(State.Held, (await client.LocateAsync(module.Module)).State));
            Assert.Equal(opened, store.ZipsOpened);
            time.Advance(TimeSpan.FromSeconds(11));
        }
    }

    [Theory]
    [InlineData("zip", true)]
    [InlineData("zip", false)]
    [InlineData("mod", true)]
    [InlineData("info", false)]
    public async Task What_is_damaged_or_deleted_is_not_held_any_more_and_comes_back_with_its_bytes(string file, bool isDeleted)
    {
        ManualTime time = new();
        await using ServingRig rig = await ServingRig.StartAsync(time: time);
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync(fill: 200_000);
        Assert.Equal(State.Held, (await client.LocateAsync(module.Module)).State);
        string path = Directory.GetFiles(rig.DataFolder, $"v1.0.0.{file}", SearchOption.AllDirectories).Single();
        byte[] bytes = await File.ReadAllBytesAsync(path);
        File.Delete(path);
        if (!isDeleted)
        {
            await File.WriteAllBytesAsync(path, [.. bytes.AsSpan(0, bytes.Length - 1), (byte)~bytes[^1]]);
        }

        // At the latest when the files are looked at again; at once when one is asked for.
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(State.Absent, (await client.LocateAsync(module.Module)).State);
        Fetched kind = file == "zip" ? Fetched.Zip : file == "mod" ? Fetched.Mod : Fetched.Info;
        Assert.Equal(StatusCode.NotFound, (await client.RefusedAsync(PeerClient.Request(module.Module, kind))).StatusCode);
        await module.AdmitAsync(rig.Disk);
        Assert.Equal(State.Held, (await client.LocateAsync(module.Module)).State);
        Assert.Equal(bytes, (await client.FetchAsync(PeerClient.Request(module.Module, kind))).Bytes);
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_is_unavailable_and_a_few_lines_tell_of_it()
    {
        WatchedStore store = null!;
        await using ServingRig rig = await ServingRig.StartAsync(around: inner => store = new WatchedStore(inner));
        PeerClient client = rig.AddClient();
        SampleModule module = await rig.HoldAsync();
        store.Opening = static _ => throw new IOException("input/output error on /private/place");
        for (int i = 0; i < 20; i++)
        {
            RpcException refused = await client.RefusedAsync(PeerClient.Request(module.Module, Fetched.Zip));
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
            Assert.DoesNotContain("private", refused.ToString(), StringComparison.Ordinal);
        }

        store.Opening = static _ => throw new InvalidOperationException("a bug with a /private/place in it");
        RpcException fault = await Assert.ThrowsAsync<RpcException>(() => client.LocateAsync(module.Module));
        Assert.Equal(StatusCode.Internal, fault.StatusCode);
        Assert.DoesNotContain("private", fault.ToString(), StringComparison.Ordinal);
        Assert.Equal(ScarceLines.LinesAMinute, rig.Log.Count(static line => line.Id.Id == EventIds.Federation + 101));
        Assert.Single(rig.Log, static line => line.Id.Id == EventIds.Federation + 102);
        Assert.DoesNotContain(rig.Log, static line => line.Level >= LogLevel.Error && line.Id.Id is < EventIds.Federation or > EventIds.Federation + 999);
        store.Opening = static _ => Task.CompletedTask;
        Assert.Equal(State.Held, (await client.LocateAsync(module.Module)).State);
    }
}
