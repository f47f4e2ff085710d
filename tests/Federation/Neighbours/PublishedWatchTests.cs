using System.Net;
using System.Net.Sockets;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Discovery.Resolving;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Neighbours;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Discovery;
using Athens.Federation.Tests.Federation.Peers;
using Athens.Federation.Tests.Isolation;
using Makaretu.Dns;
using Microsoft.Extensions.Logging.Abstractions;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Neighbours;

/// <summary>Who is at the addresses that a zone names.</summary>
public sealed class PublishedWatchTests
{
    [Fact]
    public async Task Only_who_proves_a_key_there_is_a_neighbour()
    {
        await using TwinServer node = new();
        await node.StartAsync();
        using DeadPort dead = new();
        using TcpListener babbler = new(IPAddress.Loopback, 0);
        babbler.Start();
        var babbling = BabbleAsync(babbler);
        using ScriptedNameServer zone = new(query => [Zone(query, Port(dead.Address), ((IPEndPoint)babbler.LocalEndpoint).Port, node.Port)]);
        using NodeCertificate certificate = new(SigningKey.Create("own/identity"), TimeProvider.System);
        PeerDialer dialer = new(certificate, new Wire.WhoAreYouRequest(), static _ => true, TimeProvider.System, new Random(1));
        using PublishedNodes nodes = new(
            "corp.example", new NameLookup(new NameServers(zone.Address), TimeProvider.System), TimeProvider.System, NullLogger<PublishedNodes>.Instance);
        PublishedNeighbours neighbours = new();
        using PublishedWatch watch = new(nodes, neighbours, dialer, NullLogger<PublishedWatch>.Instance);
        await watch.StartAsync(CancellationToken.None);
        await nodes.StartAsync(CancellationToken.None);
        await Dialling.UntilAsync(() => neighbours.Current.Count > 0, "the node was not found");

        var neighbour = Assert.Single(neighbours.Current);
        Assert.Equal(3, nodes.Current.Count);
        Assert.True(neighbour.IsPublished);
        Assert.Equal(node.Key.Bytes.ToArray(), neighbour.ClaimedKey.ToArray());
        Assert.Equal(node.Endpoint, Assert.Single(neighbour.Endpoints).ToString());
        await nodes.StopAsync(CancellationToken.None);
        await watch.StopAsync(CancellationToken.None);
        babbler.Stop();
        await babbling;
    }

    private static int Port(string address) => IPEndPoint.Parse(address).Port;

    private static byte[] Zone(Message query, params int[] ports) => ScriptedNameServer.Answer(query, query.Questions[0].Type switch
    {
        DnsType.SRV => [.. ports.Select((port, turn) => new SRVRecord { Name = query.Questions[0].Name, Target = "here.corp.example", Port = (ushort)port, Priority = (ushort)turn })],
        DnsType.A => [new ARecord { Name = query.Questions[0].Name, Address = IPAddress.Loopback }],
        _ => [],
    }).ToByteArray();

    private static async Task BabbleAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray());
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
