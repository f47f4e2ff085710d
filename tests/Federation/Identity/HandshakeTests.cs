using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Athens.Federation.Tests.Federation.Identity;

/// <summary>Handshakes with Kestrel over real sockets: who gets in, and which server is believed.</summary>
public sealed class HandshakeTests : IAsyncLifetime, IDisposable
{
    private readonly ManualTime time = new();
    private readonly SigningKey serverKey = SigningKey.Create("server");
    private readonly SigningKey clientKey = SigningKey.Create("client");
    private readonly SigningKey strangerKey = SigningKey.Create("stranger");
    private readonly ConcurrentQueue<string> refusals = new();
    private readonly NodeCertificate server;
    private readonly NodeCertificate client;
    private readonly NodeCertificate stranger;
    private WebApplication app = null!;

    public HandshakeTests()
    {
        server = new NodeCertificate(serverKey, time);
        client = new NodeCertificate(clientKey, time);
        stranger = new NodeCertificate(strangerKey, time);
    }

    private Uri Address => new(app.Urls.Single());

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(PeerTls.KestrelOptions(server, key => key == client.Key, (key, reason) => refusals.Enqueue($"{key?.Short} {reason}")));
        }));
        app = builder.Build();
        app.Run(context => context.Response.WriteAsync($"{server.KeyOf(context.Connection.ClientCertificate, out _)}"));
        await app.StartAsync();
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    public void Dispose()
    {
        foreach (IDisposable each in new IDisposable[] { server, client, stranger, serverKey, clientKey, strangerKey })
        {
            each.Dispose();
        }
    }

    [Fact]
    public async Task Each_side_knows_the_other_by_its_key()
    {
        using var http = Http(PeerTls.ClientOptions(client, server.Key));
        Assert.Equal(client.Key.ToString(), await http.GetStringAsync(Address));
        Assert.Empty(refusals);
    }

    [Fact]
    public async Task A_client_that_is_no_peer_is_refused_and_its_key_told()
    {
        using var http = Http(PeerTls.ClientOptions(stranger, server.Key));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Address));
        var refusal = Assert.Single(refusals);
        Assert.StartsWith(stranger.Key.Short, refusal, StringComparison.Ordinal);
        Assert.Contains("no peer", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_another_key_than_the_pinned_one_is_not_believed()
    {
        var told = new ConcurrentQueue<(PeerKey? Key, string Reason)>();
        using var http = Http(PeerTls.ClientOptions(client, stranger.Key, (key, reason) => told.Enqueue((key, reason))));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Address));
        var (key, reason) = Assert.Single(told);
        Assert.Equal(server.Key, key);
        Assert.Contains("pinned", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused()
    {
        var options = PeerTls.ClientOptions(client, server.Key);
        options.LocalCertificateSelectionCallback = null;
        using var http = Http(options);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Address));
        Assert.Contains("no certificate", Assert.Single(refusals), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_with_an_expired_certificate_is_refused()
    {
        using var expired = Certificates.Genuine(clientKey, time.GetUtcNow().AddDays(-2), time.GetUtcNow().AddDays(-1));
        await RefusedAsync(expired, "expired");
    }

    [Fact]
    public async Task A_client_with_a_certificate_of_the_future_is_refused()
    {
        using var early = Certificates.Genuine(clientKey, time.GetUtcNow().AddDays(1), time.GetUtcNow().AddDays(2));
        await RefusedAsync(early, "not valid before");
    }

    [Fact]
    public async Task A_client_with_somebody_elses_binding_is_refused()
    {
        var stolen = client.Current.Extensions.Single(extension => extension.Oid!.Value == IdentityBinding.Oid);
        using var key = Certificates.P256();
        using var forged = Certificates.Make(key, stolen);
        await RefusedAsync(forged, "did not sign");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
#pragma warning disable SYSLIB0039, CA5397 // An old version is what must be refused.
    [InlineData(SslProtocols.Tls11)]
#pragma warning restore SYSLIB0039, CA5397
    public async Task Older_versions_of_tls_are_refused(SslProtocols version)
    {
        var options = PeerTls.ClientOptions(client, server.Key);
        options.EnabledSslProtocols = version;
        using var http = Http(options);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Address));
        Assert.Empty(refusals);
    }

    [Fact]
    public async Task A_client_without_http2_is_refused()
    {
        var options = PeerTls.ClientOptions(client, server.Key);
        options.ApplicationProtocols = [SslApplicationProtocol.Http11];
        using var socket = await ConnectAsync();
        await using var tls = new SslStream(new NetworkStream(socket));
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await tls.AuthenticateAsClientAsync(options);
            await tls.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            Assert.NotEqual(0, await tls.ReadAsync(new byte[100]));
        });
    }

    [Fact]
    public async Task A_session_is_never_resumed_in_place_of_a_certificate()
    {
        using var folder = new TemporaryFolder("session");
        await File.WriteAllTextAsync(folder.File("certificate.pem"), client.Current.ExportCertificatePem());
        await File.WriteAllTextAsync(folder.File("key.pem"), client.Current.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var good = await OpenSslAsync(folder, "-cert certificate.pem -key key.pem -sess_out session");
        Assert.Contains("New, TLSv1.3", good, StringComparison.Ordinal);
        Assert.Contains("ALPN protocol: h2", good, StringComparison.Ordinal);
        Assert.Empty(refusals);

        // OpenSSL gives out a ticket all the same; what counts is that the server knows nothing of it later.
        var again = await OpenSslAsync(folder, "-sess_in session");
        Assert.DoesNotContain("Reused", again, StringComparison.Ordinal);
        Assert.Contains("no certificate", Assert.Single(refusals), StringComparison.Ordinal);
        var renewed = await OpenSslAsync(folder, "-cert certificate.pem -key key.pem -sess_in session");
        Assert.Contains("New, TLSv1.3", renewed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_lived_client_goes_on_with_the_renewed_certificate_and_gathers_nothing()
    {
        var options = PeerTls.ClientOptions(client, server.Key);
        using var http = Http(options, pooled: TimeSpan.Zero);
        var first = client.Current.Thumbprint;
        for (var month = 0; month < 6; month++)
        {
            Assert.Equal(client.Key.ToString(), await http.GetStringAsync(Address));
            time.Advance(TimeSpan.FromDays(30));
        }

        Assert.NotEqual(first, client.Current.Thumbprint);
        Assert.Empty(options.CertificateChainPolicy!.ExtraStore);
        Assert.Empty(refusals);
    }

    [Fact]
    public async Task Many_handshakes_at_once_all_succeed()
    {
        await Parallel.ForAsync(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellationToken) =>
        {
            using var http = Http(PeerTls.ClientOptions(client, server.Key));
            Assert.Equal(client.Key.ToString(), await http.GetStringAsync(Address, cancellationToken));
        });
        Assert.Empty(refusals);
    }

    private static HttpClient Http(SslClientAuthenticationOptions options, TimeSpan? pooled = null) =>
        new(new SocketsHttpHandler { SslOptions = options, PooledConnectionLifetime = pooled ?? Timeout.InfiniteTimeSpan })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    /// <summary>What openssl's own client prints; it stays for a second, which a ticket needs to arrive.</summary>
    private async Task<string> OpenSslAsync(TemporaryFolder folder, string arguments)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };
        var connect = $"sleep 1 | openssl s_client -connect {Address.Authority} -alpn h2 {arguments}";
        return (await ChildProcess.RunAsync("sh", ["-c", connect], folder.Path, environment, default)).Terminal;
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Address.Port);
        return socket;
    }

    private async Task RefusedAsync(X509Certificate2 presented, string why)
    {
        var options = PeerTls.ClientOptions(client, server.Key);
        options.LocalCertificateSelectionCallback = (_, _, _, _, _) => presented;
        using var http = Http(options);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Address));
        Assert.Contains(why, Assert.Single(refusals), StringComparison.Ordinal);
    }
}
