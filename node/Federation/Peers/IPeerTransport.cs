using System.Net;
using Athens.Federation.Node.Federation.Identity;
using Grpc.Core;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>How peers are reached.</summary>
internal interface IPeerTransport
{
    /// <summary>A line to a peer. Connects with the first call over it, and proves that the other end has the key before anything is said.</summary>
    /// <param name="key">The peer's identity.</param>
    /// <param name="target">Where.</param>
    /// <param name="closed">Called when the last connection is closed, from any thread.</param>
    IPeerLine Open(PeerKey key, PeerTarget target, Action closed);
}

/// <summary>The connections of one stay at a peer.</summary>
internal interface IPeerLine : IDisposable
{
    /// <summary>Calls whose answers have at most <see cref="PeerLink.MaxAnswer"/> bytes.</summary>
    CallInvoker Answers { get; }

    /// <summary>Calls whose answers have at most <see cref="PeerLink.MaxList"/> bytes.</summary>
    CallInvoker Lists { get; }

    /// <summary>The other end's address; null before there was a connection.</summary>
    IPAddress? Address { get; }

    /// <summary>Why the other side's identity was not believed; null when it was not that.</summary>
    string? Refused { get; }

    /// <summary>Connects no more. Calls under way go on.</summary>
    void Close();
}
