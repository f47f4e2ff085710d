using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Athens.Federation.Node.Federation.Identity;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>
/// The connections to the peer port: how many from one address before anybody is known, how many of one peer after, and
/// none of whoever is no peer any more.
/// </summary>
internal sealed class PeerConnections : IDisposable
{
    /// <summary>From one address. A whole office may stand behind one, and each of its nodes opens two or three.</summary>
    public const int MaxOfAddress = 64;

    /// <summary>Of one peer: one does, a node opens four when it is busy, and as many may not have noticed their end yet.</summary>
    public const int MaxOfPeer = 16;

    /// <summary>The part of an IPv6 address that names a network (RFC 4291, 2.5.4).</summary>
    private const int NetworkBytes = 8;

    private readonly PeerList peers;
    private readonly NodeCertificate certificate;
    private readonly RefusedConnections refused;
    private readonly Guests guests;
    private readonly ILogger logger;
    private readonly ConcurrentDictionary<string, Stay> open = new(StringComparer.Ordinal);

    // Guard themselves; no more entries than connections that Kestrel allows.
    private readonly Tally<IPAddress> byAddress = new(MaxOfAddress);
    private readonly Tally<PeerKey> byPeer = new(MaxOfPeer);

    public PeerConnections(PeerList peers, NodeCertificate certificate, RefusedConnections refused, Guests guests, ILogger logger)
    {
        this.peers = peers;
        this.certificate = certificate;
        this.refused = refused;
        this.guests = guests;
        this.logger = logger;
        peers.Changed += CloseFormerPeers;
    }

    /// <summary>Open after their handshake.</summary>
    public int Count => open.Count;

    /// <summary>Whether the handshake lets a key in.</summary>
    public bool IsWelcome(PeerKey key) => peers.Find(key) is not null || guests.AreWelcome;

    /// <summary>Connection middleware before TLS.</summary>
    public ConnectionDelegate BeforeTls(ConnectionDelegate next) => async connection =>
    {
        IPAddress address = Origin((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        if (!byAddress.TryAdd(address))
        {
            refused.Tell($"{address} has {MaxOfAddress} connections already");
            connection.Abort(new ConnectionAbortedException("too many connections from one address"));
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            byAddress.Remove(address);
        }
    };

    /// <summary>Connection middleware after TLS: from here on the connection says whose it is.</summary>
    public ConnectionDelegate AfterTls(ConnectionDelegate next) => async connection =>
    {
        string? reason = "it does not speak HTTP/2";
        if (connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) is not true
            || connection.Features.Get<ITlsConnectionFeature>() is not { } tls
            || certificate.KeyOf(tls.ClientCertificate, out reason) is not { } key)
        {
            refused.Tell(reason ?? "no key");
            connection.Abort(new ConnectionAbortedException("the client is unknown"));
            return;
        }

        if (!byPeer.TryAdd(key))
        {
            refused.Tell($"the peer {peers.Find(key)?.Name ?? key.Short} has {MaxOfPeer} connections already");
            connection.Abort(new ConnectionAbortedException("too many connections of one peer"));
            return;
        }

        connection.Features.Set(new PeerCaller(key));
        using IDisposable? place = peers.Find(key) is null ? guests.TryConnect() : null;
        Stay stay = new(key, connection) { IsGuest = place is not null };
        open[connection.ConnectionId] = stay;
        try
        {
            // Also who was taken out between its handshake and the line that made it known here.
            if (!IsFormer(stay))
            {
                await next(connection);
            }
        }
        finally
        {
            open.TryRemove(connection.ConnectionId, out _);
            byPeer.Remove(key);
        }
    };

    public void Dispose() => peers.Changed -= CloseFormerPeers;

    private void CloseFormerPeers()
    {
        foreach (Stay stay in open.Values)
        {
            IsFormer(stay);
        }
    }

    /// <summary>Whether it is nobody's who may be here; then it is closed. A guest that became a peer is a guest no more.</summary>
    private bool IsFormer(Stay stay)
    {
        bool isPeer = peers.Find(stay.Key) is not null;
        stay.IsGuest &= !isPeer;
        if (isPeer || stay.IsGuest)
        {
            return false;
        }

        logger.ConnectionOfFormerPeer(stay.Key.ToString());
        stay.Connection.Abort(new ConnectionAbortedException("no peer, or no longer"));
        return true;
    }

    /// <summary>What one person has as a rule: an IPv4 address, or in IPv6 a network of 64 bits, all of whose addresses are his.</summary>
    private static IPAddress Origin(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv6LinkLocal)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }

    private sealed class Stay(PeerKey key, ConnectionContext connection)
    {
        public PeerKey Key => key;

        public ConnectionContext Connection => connection;

        public bool IsGuest { get; set; }
    }
}
