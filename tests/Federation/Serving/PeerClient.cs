using Athens.Federation.Node.Federation.Peers;
using System.Security.Cryptography;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Grpc.Core;
using Grpc.Net.Client;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>A caller of the peer port with an identity of its own, over the real client.</summary>
internal sealed class PeerClient : IDisposable
{
    private readonly SigningKey identity;
    private readonly NodeCertificate certificate;
    private readonly SocketsHttpHandler handler;
    private readonly GrpcChannel channel;

    public PeerClient(string name, ServingRig rig)
    {
        identity = SigningKey.Create(name);
        certificate = new NodeCertificate(identity, TimeProvider.System);
        handler = new SocketsHttpHandler
        {
            SslOptions = PeerTls.ClientOptions(certificate, rig.Key),
            EnableMultipleHttp2Connections = true,
        };
        channel = GrpcChannel.ForAddress($"https://{rig.Address}", new GrpcChannelOptions { HttpHandler = handler });
        Service = new Wire.PeerService.PeerServiceClient(channel);
        Logs = new Wire.LogService.LogServiceClient(channel);
        Pool = new Wire.PoolService.PoolServiceClient(channel);
    }

    public PeerKey Key => certificate.Key;

    public NodeCertificate Certificate => certificate;

    /// <summary>Such a node as a pool's organization describes it.</summary>
    public NodeDescription Description => new("caller", identity.PublicKey, identity.Verifier, CosignatureVerifier.Of(identity), []);

    public Wire.PeerService.PeerServiceClient Service { get; }

    public Wire.LogService.LogServiceClient Logs { get; }

    public Wire.PoolService.PoolServiceClient Pool { get; }

    public static Wire.ModuleVersion Name(ModuleVersion module) => new() { Path = module.Path, Version = module.Version };

    public async Task<Wire.Location> LocateAsync(ModuleVersion module, uint waitMs = 0, bool wantsUpstream = false) =>
        Assert.Single((await Service.LocateAsync(new Wire.LocateRequest
        {
            Modules = { Name(module) },
            WaitMs = waitMs,
            WantsUpstream = wantsUpstream,
        })).Locations);

    public Task<Wire.WhoAreYouResponse> HelloAsync() => Service.WhoAreYouAsync(new Wire.WhoAreYouRequest()).ResponseAsync;

    public Task<Wire.VersionsResponse> VersionsAsync(string path) =>
        Service.VersionsAsync(new Wire.VersionsRequest { Path = path }).ResponseAsync;

    public Task<Wire.ResolveResponse> ResolveAsync(string path, string query) =>
        Service.ResolveAsync(new Wire.ResolveRequest { Path = path, Query = query }).ResponseAsync;

    /// <summary>Asks, coming back when it is told to, until the node has a place for this peer again, which it must within the test's time.</summary>
    public async Task UntilServedAsync(Func<Task>? ask = null, Action? meanwhile = null)
    {
        for (long begin = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                await (ask ?? HelloAsync)();
                return;
            }
            catch (RpcException busy) when (busy.StatusCode == StatusCode.ResourceExhausted)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromMinutes(1), busy.Status.Detail);
                meanwhile?.Invoke();
                await Task.Delay(CallFault.Of(busy).Pushback, TimeProvider.System);
            }
        }
    }

    public static Wire.FetchRequest Request(ModuleVersion module, Wire.FetchRequest.Types.File file, ulong offset = 0, ulong length = 0) =>
        new() { Module = Name(module), File = file, Offset = offset, Length = length };

    /// <summary>All bytes of an answer, whose frames are checked.</summary>
    public async Task<(byte[] Bytes, ulong Size)> FetchAsync(Wire.FetchRequest request, CancellationToken cancellationToken = default)
    {
        using var call = Service.Fetch(request, cancellationToken: cancellationToken);
        MemoryStream bytes = new();
        ulong size = 0;
        bool isFirst = true;
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            Wire.FetchFrame frame = call.ResponseStream.Current;
            Assert.InRange(frame.Data.Length, 1, 256 << 10);
            Assert.Equal(isFirst, frame.Size > 0);
            size = isFirst ? frame.Size : size;
            isFirst = false;
            bytes.Write(frame.Data.Span);
        }

        return (bytes.ToArray(), size);
    }

    /// <summary>The status with which a call ends, which must not be OK.</summary>
    public static async Task<RpcException> RefusedAsync<T>(AsyncUnaryCall<T> call)
    {
        using (call)
        {
            return await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        }
    }

    public Task<RpcException> RefusedAsync(Wire.FetchRequest request) => Assert.ThrowsAsync<RpcException>(() => FetchAsync(request));

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public void Dispose()
    {
        channel.Dispose();
        handler.Dispose();
        certificate.Dispose();
        identity.Dispose();
    }
}
