using System.Diagnostics;
using System.Globalization;

namespace Athens.Federation.Tests.OnLan;

/// <summary>
/// A LAN of this test's own: a bridge in one network namespace, and desks, each a network namespace with one interface on it. Nothing of the machine's own
/// network takes part.
/// </summary>
internal sealed class Office : IDisposable
{
    private const string Prefix = "athens-test-";

    private static readonly Lazy<string?> Why = new(() =>
    {
        try
        {
            RemoveLeftovers();
            using var office = new Office();
            office.AddDesk();
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"network namespaces need root and iproute2: {exception.Message.Trim()}";
        }
    });

    private static int offices;

    private readonly string name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref offices)}-");
    private readonly List<string> namespaces = [];

    public Office()
    {
        try
        {
            Add(Switch);
            Ip("-n", Switch, "link", "add", "lan", "type", "bridge");
            Ip("-n", Switch, "link", "set", "lan", "up");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be none; null where there can.</summary>
    public static string? Missing => Why.Value;

    /// <summary>The network namespace of the bridge, whose interface <c>lan</c> passes on all that is said between desks.</summary>
    public string Switch => name + "switch";

    /// <summary>The name of a new desk's network namespace; it has 10.77.0.N and an IPv6 address of its link.</summary>
    public string AddDesk()
    {
        var number = namespaces.Count.ToString(CultureInfo.InvariantCulture);
        var desk = name + number;
        Add(desk);
        Ip("-n", Switch, "link", "add", "desk" + number, "type", "veth", "peer", "name", "eth0", "netns", desk);
        Ip("-n", Switch, "link", "set", "desk" + number, "master", "lan", "up");
        Ip("-n", desk, "addr", "add", Address(desk) + "/24", "dev", "eth0");
        Ip("-n", desk, "link", "set", "lo", "up");
        Ip("-n", desk, "link", "set", "eth0", "up");
        return desk;
    }

    public static string Address(string desk) => "10.77.0." + desk[(desk.LastIndexOf('-') + 1)..];

    /// <summary>A command at a desk; its output and errors are redirected.</summary>
    public static ProcessStartInfo At(string desk, params string[] command) => new("ip", ["netns", "exec", desk, .. command])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <summary>Runs a command at a desk to its end: what it printed.</summary>
    public static async Task<string> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return printed + await errors;
    }

    public static void Ip(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {errors}");
        }
    }

    public void Dispose()
    {
        foreach (var one in namespaces)
        {
            Ip("netns", "delete", one);
        }

        namespaces.Clear();
    }

    private void Add(string networkNamespace)
    {
        Ip("netns", "add", networkNamespace);
        namespaces.Add(networkNamespace);
    }

    /// <summary>Of test runs that were killed.</summary>
    private static void RemoveLeftovers()
    {
        const string folder = "/run/netns";
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Prefix + "*") : [])
        {
            var left = Path.GetFileName(path);
            if (!Directory.Exists("/proc/" + left[Prefix.Length..].Split('-')[0]))
            {
                Ip("netns", "delete", left);
            }
        }
    }
}

/// <summary>A test on a LAN of its own; skipped, and counted as such, where there can be none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactInOfficeAttribute : FactAttribute
{
    public FactInOfficeAttribute() => Skip = Office.Missing;
}
