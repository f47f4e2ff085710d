using System.Net;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Grpc.Core;

namespace Athens.Federation.Simulator.Network;

/// <summary>A connection that takes time to be made, and breaks when one of its ends goes or the network falls apart between them.</summary>
internal sealed class SimulatedLine : IPeerLine
{
    private readonly SimulatedNetwork network;
    private readonly PeerKey key;
    private readonly Action closed;
    private readonly CancellationTokenSource broken = new();
    private Task? connecting;
    private bool isOver;

    public SimulatedLine(SimulatedNetwork network, SimulatedHost from, PeerKey key, Action closed)
    {
        this.network = network;
        this.key = key;
        this.closed = closed;
        From = from;
        Answers = new SimulatedInvoker(network, this);
    }

    public SimulatedHost From { get; }

    /// <summary>The other end; null before there was a connection.</summary>
    public SimulatedHost? To { get; private set; }

    public CallInvoker Answers { get; }

    public CallInvoker Lists => Answers;

    public IPAddress? Address => To?.Address;

    /// <summary>Who answers is who was dialled.</summary>
    public string? Refused => null;

    /// <summary>Cancelled when the connection is gone.</summary>
    public CancellationToken Broken => broken.Token;

    public void Close() => isOver = true;

    public void Dispose() => Cut();

    /// <summary>The connection is gone. Calls over it end.</summary>
    public void Cut()
    {
        isOver = true;
        if (broken.IsCancellationRequested)
        {
            return;
        }

        From.Remove(this);
        To?.Remove(this);
        broken.Cancel();
        closed();
    }

    /// <summary>Connects with the first call; later ones wait for it, or find it broken.</summary>
    /// <exception cref="RpcException">There is no connection.</exception>
    public Task ConnectAsync() => connecting ??= isOver ? throw Failure("the connection is closed") : DialAsync();

    private async Task DialAsync()
    {
        SimulatedHost? to = network.Find(key, From.Number);
        if (to is null || !network.AreTogether(From.Org, to.Org))
        {
            // A machine that is up refuses at once, one that is not there is silent.
            await Task.Delay(SimulatedNetwork.ConnectLimit, network.Time);
            Cut();
            throw Failure("connecting took too long");
        }

        // TCP, then TLS 1.3: three ways until the first request can leave with the client's last flight.
        for (int way = 0; way < 4; way++)
        {
            await Task.Delay(network.Transit(way % 2 == 0 ? From : to, way % 2 == 0 ? to : From, 1500), network.Time);
        }

        if (isOver)
        {
            throw Failure("the connection is closed");
        }

        if (!to.IsWelcome(From.Key))
        {
            Cut();
            throw Failure("the other side ended the handshake");
        }

        To = to;
        From.Add(this);
        to.Add(this);
    }

    public static RpcException Failure(string reason) => new(new Status(StatusCode.Unavailable, reason));
}
