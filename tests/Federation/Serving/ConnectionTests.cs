using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Tests.Storage;
using Athens.Federation.Tests.Substitutes.GrpcNetClient;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Federation.Serving;

/// <summary>Who gets a connection, how many, and what a crowd of those who do not may do to the log.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private const int RefusedLine = EventIds.Federation + 401;
    private ServingRig rig = null!;

    public async Task InitializeAsync() => rig = await ServingRig.StartAsync();

    public async Task DisposeAsync() => await rig.DisposeAsync();

    [Fact]
    public async Task Strangers_get_nothing_and_a_few_lines_tell_of_them_however_many_come()
    {
        PeerClient peer = rig.AddClient();
        PeerClient stranger = rig.AddClient("stranger", isPeer: false);
        await Assert.ThrowsAsync<RpcException>(stranger.HelloAsync);
        Assert.Contains(stranger.Key.ToString(), Assert.Single(rig.Log, IsRefusal).Message, StringComparison.Ordinal);
        for (int i = 0; i < 30; i++)
        {
            await RefusedAsync(stranger, static options => options.LocalCertificateSelectionCallback = null);
            await RefusedAsync(stranger, static _ => { });
            await RefusedAsync(peer, static options => options.EnabledSslProtocols = SslProtocols.Tls12);
            await RefusedAsync(peer, static options => options.ApplicationProtocols = [SslApplicationProtocol.Http11]);
            await RefusedAsync(peer, static options => options.ApplicationProtocols = null);
        }

        await peer.HelloAsync();

        // Each of these few reasons once, and a few of the others.
        int reasons = rig.Log.Where(IsRefusal).Select(static line => line.Message).Distinct().Count();
        Assert.InRange(reasons, 2, 5);
        Assert.Equal(ScarceLines.LinesAMinute + reasons, rig.Log.Count(IsRefusal));
        Assert.All(rig.Log.Where(line => !IsRefusal(line)), static line => Assert.True(line.Level <= LogLevel.Information, line.Message));
        Assert.InRange(rig.Log.Count, ScarceLines.LinesAMinute + reasons, ScarceLines.LinesAMinute + reasons + 10);
    }

    [Fact]
    public async Task A_peer_that_does_not_speak_http2_is_told_of_as_a_refusal_and_not_as_a_fault()
    {
        PeerClient peer = rig.AddClient();
        await RefusedAsync(peer, static options => options.ApplicationProtocols = null);
        Assert.Contains("HTTP/2", Assert.Single(rig.Log, IsRefusal).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Log, static line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task What_is_no_tls_at_all_is_dropped_without_a_word()
    {
        foreach (byte[] words in new byte[][] { [.. "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8], [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8], new byte[500] })
        {
            using Socket socket = await ConnectAsync();
            await socket.SendAsync(words);
            await AssertClosesAsync(socket);
        }

        Assert.DoesNotContain(rig.Log, static line => line.Level > LogLevel.Information);
    }

    [Fact]
    public async Task An_address_has_so_many_connections_and_each_that_ends_makes_room()
    {
        List<Socket> sockets = [];
        try
        {
            for (int i = 0; i <= PeerConnections.MaxOfAddress; i++)
            {
                sockets.Add(await ConnectAsync());
            }

            Task[] closed = [.. sockets.Select(AssertClosesAsync)];
            Task one = await Task.WhenAny(closed);
            await one;
            Assert.Equal(1, closed.Count(static task => task.IsCompleted));
            Assert.Contains("127.0.0.1 has 64 connections", Assert.Single(rig.Log, IsRefusal).Message, StringComparison.Ordinal);

            // No peer gets in beside them either: nobody is known before the handshake.
            PeerClient peer = rig.AddClient();
            await Assert.ThrowsAsync<RpcException>(peer.HelloAsync);
            sockets.ForEach(static socket => socket.Dispose());
            await UntilAsync(peer);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_peer_has_so_many_connections_and_leaves_others_theirs()
    {
        PeerClient peer = rig.AddClient();
        List<RawPeer> connections = [];
        try
        {
            for (int i = 0; i < PeerConnections.MaxOfPeer; i++)
            {
                connections.Add(await RawPeer.ConnectAsync(rig, peer));
                await connections[i].NextAsync(static frame => frame.Type == RawFrame.Settings);
            }

            await RefusedAsync(peer, static _ => { });
            Assert.Contains("the peer client has 16 connections", Assert.Single(rig.Log, IsRefusal).Message, StringComparison.Ordinal);
            await rig.AddClient("other").HelloAsync();
            connections.ForEach(static connection => connection.Dispose());
            await UntilAsync(peer);
        }
        finally
        {
            connections.ForEach(static connection => connection.Dispose());
        }
    }

    [Fact]
    public async Task A_peer_that_is_taken_out_is_cut_off_in_the_middle_of_a_stream()
    {
        PeerClient former = rig.AddClient();
        PeerClient other = rig.AddClient("other");
        SampleModule module = await rig.HoldAsync(fill: 8 << 20);
        using OpenFetch cut = await OpenFetch.BeginAsync(former, module);
        using OpenFetch kept = await OpenFetch.BeginAsync(other, module);
        rig.Keep(other);
        await Assert.ThrowsAsync<RpcException>(cut.RestAsync);
        await Assert.ThrowsAsync<RpcException>(former.HelloAsync);
        Assert.Equal(module.Zip, await kept.RestAsync());
        Assert.Contains(former.Key.ToString(), Assert.Single(rig.Log, static line => line.Id.Id == EventIds.Federation + 403).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Methods_and_paths_that_do_not_exist_are_unimplemented()
    {
        PeerClient peer = rig.AddClient();
        using RawPeer raw = await RawPeer.ConnectAsync(rig, peer);
        int call = await raw.AskAsync("Later", new Athens.Federation.V1.WhoAreYouRequest());
        var answer = await raw.NextAsync(frame => frame.Stream == call);
        Assert.Contains("12", System.Text.Encoding.ASCII.GetString(answer.Payload), StringComparison.Ordinal);
    }

    private static bool IsRefusal(Tests.Telemetry.CapturedLine line) => line.Id.Id == RefusedLine;

    /// <summary>The handshake fails, or the connection is closed after it: in TLS 1.3 a client is done before the server has judged it.</summary>
    private async Task RefusedAsync(PeerClient who, Action<SslClientAuthenticationOptions> change)
    {
        SslClientAuthenticationOptions options = PeerTls.ClientOptions(who.Certificate, rig.Key);
        change(options);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using SslStream tls = await RawPeer.TlsAsync(rig, options);
            await tls.ReadExactlyAsync(new byte[1]);
        });
    }

    private async Task<Socket> ConnectAsync()
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(rig.Address);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Refused so soon after it was accepted that this side learns both at once.
        }

        return socket;
    }

    // A TLS alert may come first.
    private static async Task AssertClosesAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[1000]) > 0)
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed the hard way.
        }
    }

    private static async Task UntilAsync(PeerClient peer)
    {
        for (long begin = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                await peer.HelloAsync();
                return;
            }
            catch (RpcException gone)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(60), gone.Status.Detail);
            }
        }
    }
}
