using System.Diagnostics;
using System.Text;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan;

/// <summary>A real avahi-daemon at a desk, with a message bus of its own.</summary>
internal sealed class Avahi : IDisposable
{
    private static readonly Lazy<string?> Why = new(() => Office.Missing
        ?? (Array.TrueForAll(["avahi-daemon", "avahi-browse", "avahi-publish", "dbus-daemon"], Exists) ? null : "avahi-daemon, avahi-utils and dbus are missing: run tools/lib/test-packages"));

    private readonly TemporaryFolder folder = new("avahi");
    private readonly string desk;
    private readonly List<Process> processes = [];
    private readonly StringBuilder said = new();

    private Avahi(string desk) => this.desk = desk;

    public static string? Missing => Why.Value;

    private string Bus => "unix:path=" + folder.File("bus");

    public static async Task<Avahi> StartAsync(string desk)
    {
        Avahi avahi = new(desk);
        File.WriteAllText(avahi.folder.File("bus.conf"), $"""
            <busconfig><type>system</type><listen>{avahi.Bus}</listen><auth>EXTERNAL</auth>
            <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/></policy></busconfig>
            """);
        File.WriteAllText(avahi.folder.File("avahi.conf"), """
            [server]
            host-name=foreign-machine
            use-ipv4=yes
            use-ipv6=yes
            enable-dbus=yes
            [publish]
            publish-workstation=no
            """);
        avahi.Begin(new ProcessStartInfo("dbus-daemon", ["--config-file", avahi.folder.File("bus.conf"), "--nofork", "--nopidfile"]));
        await ShortPause.UntilAsync(() => Task.FromResult(File.Exists(avahi.folder.File("bus"))), exists => exists);

        // Its files have one place; the namespace has its own view of that.
        avahi.Begin(Office.At(
            desk, "sh", "-c", $"mkdir -p /run/avahi-daemon && mount -t tmpfs tmpfs /run/avahi-daemon && exec avahi-daemon -f '{avahi.folder.File("avahi.conf")}' --no-drop-root --no-chroot --no-rlimits"));
        await ShortPause.UntilAsync(() => Task.FromResult(avahi.Said), text => text.Contains("Server startup complete", StringComparison.Ordinal));
        return avahi;
    }

    private string Said
    {
        get
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    /// <summary>What <c>avahi-browse -r -p -t</c> prints for nodes.</summary>
    public Task<string> BrowseAsync() => Office.RunAsync(With(Office.At(desk, "avahi-browse", "-r", "-p", "-t", "_athens-pool._tcp")));

    /// <summary>Publishes a service until this ends.</summary>
    public void Publish(string name, int port, params string[] text) => Begin(Office.At(
        desk, ["avahi-publish", "-s", name, "_athens-pool._tcp", port.ToString(System.Globalization.CultureInfo.InvariantCulture), .. text]));

    public void Dispose()
    {
        foreach (var process in Enumerable.Reverse(processes))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        folder.Dispose();
    }

    private static bool Exists(string command) =>
        Array.Exists(["/usr/sbin", "/usr/bin", "/sbin", "/bin"], place => File.Exists(Path.Combine(place, command)));

    private ProcessStartInfo With(ProcessStartInfo start)
    {
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = Bus;
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        return start;
    }

    private void Begin(ProcessStartInfo start)
    {
        var process = Process.Start(With(start))!;
        processes.Add(process);
        DataReceivedEventHandler take = (_, line) =>
        {
            lock (said)
            {
                said.AppendLine(line.Data);
            }
        };
        process.OutputDataReceived += take;
        process.ErrorDataReceived += take;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }
}

/// <summary>A test with avahi; skipped, and counted as such, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithAvahiAttribute : FactAttribute
{
    public FactWithAvahiAttribute() => Skip = Avahi.Missing;
}
