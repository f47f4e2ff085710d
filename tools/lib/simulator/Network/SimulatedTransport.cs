using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Simulator.Network;

/// <summary>How one node reaches others.</summary>
internal sealed class SimulatedTransport(SimulatedNetwork network, SimulatedHost from) : IPeerTransport
{
    public IPeerLine Open(PeerKey key, PeerTarget target, Action closed) => new SimulatedLine(network, from, key, closed);
}
