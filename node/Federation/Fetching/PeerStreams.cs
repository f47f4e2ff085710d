using System.Runtime.CompilerServices;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>Fetch calls over the connections to peers.</summary>
internal sealed class PeerStreams : IHolderStreams
{
    private readonly PeerCalls calls;

    public PeerStreams(PeerCalls calls) => this.calls = calls;

    public async IAsyncEnumerable<ArrivedFrame> OpenAsync(
        Holder holder, FileRequest request, Action begun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<Wire.FetchFrame> frames =
            calls.FetchAsync(holder.Peer, ToWire(request), begun, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveAsync(frames))
        {
            yield return new ArrivedFrame(frames.Current.Data.Memory, frames.Current.Size);
        }
    }

    private static async ValueTask<bool> MoveAsync(IAsyncEnumerator<Wire.FetchFrame> frames)
    {
        try
        {
            return await frames.MoveNextAsync();
        }
        catch (PeerCallException exception)
        {
            throw Failure(exception);
        }
    }

    private static HolderFailedException Failure(PeerCallException exception)
    {
        CallFault fault = exception.Fault;
        return fault switch
        {
            // It said that it holds the file, and signed for it.
            { Fault: null } => new HolderFailedException(PeerFault.Protocol, $"it says that it holds the file, but: {fault.Reason}", exception),
            _ => new HolderFailedException(fault.Fault.Value, fault.Reason, exception) { Pushback = fault.Pushback },
        };
    }

    private static Wire.FetchRequest ToWire(FileRequest request) => new()
    {
        Module = new Wire.ModuleVersion { Path = request.Module.Path, Version = request.Module.Version },
        File = request.File switch
        {
            ModuleFileKind.Info => Wire.FetchRequest.Types.File.Info,
            ModuleFileKind.Mod => Wire.FetchRequest.Types.File.Mod,
            _ => Wire.FetchRequest.Types.File.Zip,
        },
        Offset = (ulong)request.Offset,
        Length = (ulong)request.Length,
        Sha256 = ByteString.CopyFrom(Convert.FromHexString(request.Sha256)),
    };
}
