using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Athens.Federation.Tests.Integration;

namespace Athens.Federation.Tests.Support;

/// <summary>A real name server, dnsmasq, on a port of its own on this machine; <c>corp.example</c> is its zone, and it asks nobody else.</summary>
internal sealed class DomainServer : IDisposable
{
    private static readonly string? Program = Array.Find(["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq"], File.Exists);

    private readonly Process process;

    private DomainServer(Process process, IPEndPoint address)
    {
        this.process = process;
        Address = address;
    }

    public static string? Missing => Program is null ? "dnsmasq-base is missing: run tools/lib/test-packages" : null;

    public IPEndPoint Address { get; }

    /// <summary>An address where one can be started.</summary>
    public static IPEndPoint FreeAddress()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }

    /// <param name="address">Where it answers.</param>
    /// <param name="records">Its records, as flags of dnsmasq.</param>
    public static async Task<DomainServer> StartAsync(IPEndPoint address, params string[] records)
    {
        string[] flags =
        [
            "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1", "--pid-file=",
            $"--user={Environment.UserName}", "--local=/corp.example/", "--local-ttl=90", $"--port={address.Port.ToString(CultureInfo.InvariantCulture)}", .. records,
        ];
        var process = Process.Start(new ProcessStartInfo(Program!, flags) { RedirectStandardError = true })!;
        DomainServer server = new(process, address);
        Assert.True(await ShortPause.UntilAsync(() => server.AnswersAsync(), static answers => answers), "dnsmasq does not answer");
        return server;
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        Assert.False(process.HasExited, process.HasExited ? process.StandardError.ReadToEnd() : "");
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(Address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>A test with a real name server; skipped, and counted as such, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithDomainServerAttribute : FactAttribute
{
    public FactWithDomainServerAttribute() => Skip = DomainServer.Missing;
}
