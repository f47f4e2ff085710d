using Athens.Federation.Tests.Storage;
using Grpc.Core;
using File = Athens.Federation.V1.FetchRequest.Types.File;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>A Fetch of a zip whose first frame has come, and whose reader then stands still.</summary>
internal sealed class OpenFetch : IDisposable
{
    private readonly AsyncServerStreamingCall<Wire.FetchFrame> call;
    private readonly MemoryStream taken = new();

    private OpenFetch(AsyncServerStreamingCall<Wire.FetchFrame> call) => this.call = call;

    public static async Task<OpenFetch> BeginAsync(PeerClient client, SampleModule module)
    {
        OpenFetch fetch = new(client.Service.Fetch(PeerClient.Request(module.Module, File.Zip)));
        Assert.True(await fetch.MoveAsync());
        return fetch;
    }

    /// <summary>The whole zip, with what had been read before.</summary>
    public async Task<byte[]> RestAsync()
    {
        while (await MoveAsync())
        {
        }

        return taken.ToArray();
    }

    public void Dispose() => call.Dispose();

    private async Task<bool> MoveAsync()
    {
        bool moved = await call.ResponseStream.MoveNext(CancellationToken.None);
        if (moved)
        {
            taken.Write(call.ResponseStream.Current.Data.Span);
        }

        return moved;
    }
}
