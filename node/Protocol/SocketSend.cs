using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// The sends of one connection, one at a time and without anything allocated for each. A client that hangs up is an outcome, not an exception: those of
/// the runtime's own <c>Socket.SendAsync</c> tell file and line of every frame, and read the symbol files for it.
/// </summary>
internal sealed class SocketSend : SocketAsyncEventArgs, IValueTaskSource<FlushResult>
{
    private readonly Func<bool, FlushResult> sent;
    private ManualResetValueTaskSourceCore<FlushResult> source;

    /// <param name="sent">Called when a send ends that did not end at once: whether all is out. Its answer is what the caller of the flush gets.</param>
    public SocketSend(Func<bool, FlushResult> sent)
        : base(true) => this.sent = sent;

    /// <summary>Of the send that ended at once: all is out. The runtime goes on sending until it is.</summary>
    public bool IsWhole => SocketError == SocketError.Success;

    /// <summary>Of the send that goes on.</summary>
    public ValueTask<FlushResult> End => new(this, source.Version);

    /// <summary>False: it has ended already.</summary>
    /// <param name="socket">Where to.</param>
    /// <param name="bytes">Not to be touched until the end.</param>
    public bool TryBegin(Socket socket, Memory<byte> bytes)
    {
        source.Reset();
        SetBuffer(bytes);
        try
        {
            return socket.SendAsync(this);
        }
        catch (ObjectDisposedException)
        {
            SocketError = SocketError.OperationAborted;
            return false;
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => source.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e) => source.SetResult(sent(IsWhole));
}
