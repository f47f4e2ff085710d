namespace Athens.Federation.Node.Federation.Peers;

/// <summary>A stream from a peer ended badly. Whether the peer is set aside for it is for who reads the stream to say.</summary>
internal sealed class PeerCallException : Exception
{
    public PeerCallException(CallFault fault, Exception? inner)
        : base(fault.Reason, inner) => Fault = fault;

    /// <summary>Its <see cref="CallFault.Fault"/> is null when the peer answered properly that it has no such file, or other bytes.</summary>
    public CallFault Fault { get; }
}
