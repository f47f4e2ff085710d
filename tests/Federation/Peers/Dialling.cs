using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Telemetry;
using Microsoft.Extensions.Logging;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>A node's table of peers that really dials.</summary>
internal sealed class Dialling : IAsyncDisposable
{
    private readonly LogCapture capture = new();
    private readonly ILoggerFactory loggers;
    private readonly SigningKey identity = SigningKey.Create("own/identity");
    private readonly NodeCertificate certificate;

    public Dialling(params PeerOptions[] peers)
        : this(null, peers)
    {
    }

    /// <param name="options">Say who is near; null: all are.</param>
    /// <param name="peers">Of the configuration.</param>
    public Dialling(FederationOptions? options, params PeerOptions[] peers)
    {
        loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(capture));
        certificate = new NodeCertificate(identity, TimeProvider.System);
        List = new PeerList(peers);
        Dialer = new PeerDialer(certificate, new Wire.WhoAreYouRequest(), static _ => true, Time, new Random(1)) { Hints = Hints };
        NearPeers? choice = options is null ? null : new NearPeers(certificate.Key, new PrivateGate(options), options);
        Table = new PeerTable(List, Dialer, loggers.CreateLogger<PeerTable>(), choice);
        Calls = new PeerCalls(new PrivateGate(new FederationOptions()), TimeProvider.System);
    }

    public ShortenedTime Time { get; } = new();

    /// <summary>Where a test says that peers may be.</summary>
    public SomeHints Hints { get; } = new();

    public PeerKey Own => certificate.Key;

    public PeerList List { get; }

    public PeerDialer Dialer { get; }

    public PeerTable Table { get; }

    public PeerCalls Calls { get; }

    public IReadOnlyList<CapturedLine> Log => capture.Lines;

    public static PeerOptions Options(string endpoint, PeerKey key, string name = "twin") => new(name, endpoint, key, "", PeerTrust.Observe);

    public static PeerKey SomeKey()
    {
        using SigningKey key = SigningKey.Create("nobody");
        return PeerKey.Of(key.PublicKey.Span);
    }

    public ILogger Logger => loggers.CreateLogger("peers");

    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        long end = TimeProvider.System.GetTimestamp() + (30 * TimeProvider.System.TimestampFrequency);
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetTimestamp() < end, what);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Table.DisposeAsync();
        certificate.Dispose();
        identity.Dispose();
        loggers.Dispose();
    }
}
