using System.Security.Cryptography;
using Athens.Federation.Node.Modules;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Substitutes.GrpcNetClient;
using Google.Protobuf;
using Grpc.Core;
using File = Athens.Federation.V1.FetchRequest.Types.File;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

public sealed class FetchTests : IAsyncLifetime
{
    private const int BigFill = 9 << 20;

    private ServingRig rig = null!;
    private PeerClient client = null!;

    public async Task InitializeAsync()
    {
        rig = await ServingRig.StartAsync();
        client = rig.AddClient();
    }

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task Every_file_arrives_byte_for_byte_with_its_size_in_the_first_frame()
    {
        SampleModule module = await rig.HoldAsync(fill: 300_000);
        foreach ((File file, byte[] expected) in new[] { (File.Info, module.Info), (File.Mod, module.Mod), (File.Zip, module.Zip) })
        {
            (byte[] bytes, ulong size) = await client.FetchAsync(PeerClient.Request(module.Module, file));
            Assert.Equal(expected, bytes);
            Assert.Equal((ulong)expected.Length, size);
        }
    }

    [Theory]
    [InlineData(0UL, 1UL)]
    [InlineData(1UL, 0UL)]
    [InlineData(70_000UL, 65_536UL)]
    [InlineData(65_536UL, 65_537UL)]
    [InlineData(9_000_000UL, ulong.MaxValue)]
    public async Task A_part_is_exactly_what_was_asked_for_and_ends_with_the_file(ulong offset, ulong length)
    {
        SampleModule module = await rig.HoldAsync(fill: BigFill);
        (byte[] bytes, ulong size) = await client.FetchAsync(PeerClient.Request(module.Module, File.Zip, offset, length));
        ulong rest = (ulong)module.Zip.Length - offset;
        int expected = (int)(length == 0 ? rest : Math.Min(rest, length));
        Assert.Equal(module.Zip.AsSpan((int)offset, expected).ToArray(), bytes);
        Assert.Equal((ulong)module.Zip.Length, size);
    }

    [Fact]
    public async Task Beyond_the_end_is_out_of_range()
    {
        SampleModule module = await rig.HoldAsync();
        foreach (ulong offset in new[] { (ulong)module.Zip.Length, (ulong)module.Zip.Length + 1, ulong.MaxValue })
        {
            RpcException refused = await client.RefusedAsync(PeerClient.Request(module.Module, File.Zip, offset));
            Assert.Equal(StatusCode.OutOfRange, refused.StatusCode);
        }

        (byte[] last, _) = await client.FetchAsync(PeerClient.Request(module.Module, File.Zip, (ulong)module.Zip.Length - 1));
        Assert.Equal(module.Zip[^1], Assert.Single(last));
    }

    [Fact]
    public async Task Only_the_file_of_the_wanted_sha256_is_sent()
    {
        SampleModule module = await rig.HoldAsync();
        Wire.FetchRequest request = PeerClient.Request(module.Module, File.Zip);
        request.Sha256 = ByteString.CopyFrom(SHA256.HashData(module.Zip));
        Assert.Equal(module.Zip, (await client.FetchAsync(request)).Bytes);
        request.Sha256 = ByteString.CopyFrom(SHA256.HashData(module.Info));
        RpcException refused = await client.RefusedAsync(request);
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains(module.Facts.Zip.Sha256, refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_held_or_damaged_is_not_found()
    {
        SampleModule module = await rig.HoldAsync(fill: 100_000);
        ModuleVersion other = ModuleVersion.Create("example.com/other", "v1.0.0", out _)!;
        Assert.Equal(StatusCode.NotFound, (await client.RefusedAsync(PeerClient.Request(other, File.Mod))).StatusCode);
        Assert.Equal(Wire.Location.Types.State.Held, (await client.LocateAsync(module.Module)).State);

        string zip = Directory.GetFiles(rig.DataFolder, "v1.0.0.zip", SearchOption.AllDirectories).Single();
        System.IO.File.Delete(zip);
        await System.IO.File.WriteAllBytesAsync(zip, new byte[module.Zip.Length]);
        Assert.Equal(StatusCode.NotFound, (await client.RefusedAsync(PeerClient.Request(module.Module, File.Zip))).StatusCode);
        Assert.Equal(Wire.Location.Types.State.Absent, (await client.LocateAsync(module.Module)).State);
    }

    [Fact]
    public async Task A_request_that_breaks_a_rule_is_refused_with_the_reason()
    {
        SampleModule module = await rig.HoldAsync();
        Wire.FetchRequest[] broken =
        [
            new() { File = File.Zip },
            new() { File = File.Zip, Module = new() { Path = "../etc", Version = "v1.0.0" } },
            new() { File = File.Zip, Module = new() { Path = "example.com/sample", Version = "latest" } },
            new() { Module = PeerClient.Name(module.Module) },
            new() { Module = PeerClient.Name(module.Module), File = (File)17 },
            new() { Module = PeerClient.Name(module.Module), File = File.Zip, Sha256 = ByteString.CopyFrom(new byte[31]) },
        ];
        foreach (Wire.FetchRequest request in broken)
        {
            RpcException refused = await client.RefusedAsync(request);
            Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
            Assert.NotEmpty(refused.Status.Detail);
        }
    }

    [Fact]
    public async Task A_file_is_encrypted_in_pieces_of_16_KiB_and_not_of_Kestrels_4()
    {
        SampleModule module = await rig.HoldAsync(fill: 300_000);
        RecordSizes records = null!;
        using RawPeer raw = await RawPeer.ConnectAsync(rig, client, around: inner => records = new RecordSizes(inner));
        int zip = await raw.FetchAsync(module.Module);
        int bytes = 0;
        await raw.NextAsync(frame => (bytes += frame.Type == RawFrame.Data && frame.Stream == zip ? frame.Payload.Length : 0) == ushort.MaxValue);
        Assert.InRange(records.Sizes.Max(), 16 << 10, (16 << 10) + 256);
    }

    [Fact]
    public async Task Many_parts_of_one_zip_at_once_come_out_right()
    {
        SampleModule module = await rig.HoldAsync(fill: BigFill);
        const int part = 1 << 20;
        byte[] whole = new byte[module.Zip.Length];
        await Task.WhenAll(Enumerable.Range(0, (whole.Length + part - 1) / part).Select(async i =>
        {
            (byte[] bytes, _) = await client.FetchAsync(PeerClient.Request(module.Module, File.Zip, (ulong)(i * part), part));
            bytes.CopyTo(whole, i * part);
        }));
        Assert.Equal(PeerClient.Sha256(module.Zip), PeerClient.Sha256(whole));
    }
}
