using System.Diagnostics;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan;

/// <summary>Implementations of multicast DNS by others find nodes, and nodes find what they publish.</summary>
public sealed class ForeignDiscoveryTests
{
    private const string Key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    [FactWithAvahi]
    public async Task Avahi_sees_a_node_and_the_node_sees_what_avahi_publishes_also_on_one_machine()
    {
        using Office office = new();
        var desk = office.AddDesk();
        await using var node = await OfficeNode.StartAsync(office.AddDesk());
        using var avahi = await Avahi.StartAsync(desk);

        var found = await ShortPause.UntilAsync(avahi.BrowseAsync, text => text.Split('\n').Any(line => IsResolved(line, node)));
        var line = Assert.Single(found.Split('\n'), line => IsResolved(line, node) && line.Contains(";IPv4;", StringComparison.Ordinal));
        string[] fields = line.Split(';');
        Assert.Equal([node.Instance, "_athens-pool._tcp", "local", node.Instance + ".local", Office.Address(node.Desk), "3443"], fields[3..9]);
        Assert.Matches("""^("k=[\w-]{43}" "v=1"|"v=1" "k=[\w-]{43}")$""", fields[9]);

        avahi.Publish("athens-foreign", 4443, "v=1", "k=" + Key);
        await node.UntilAsync(seen => seen.TryGetValue("athens-foreign", out var at) && at.Contains($"{Office.Address(desk)}:4443", StringComparison.Ordinal));

        // Both on one machine, with one port.
        await using var beside = await OfficeNode.StartAsync(desk);
        await beside.UntilAsync(seen => seen.ContainsKey(node.Instance) && seen.ContainsKey("athens-foreign"));
        await node.UntilSeesAsync(beside);
    }

    [FactWithZeroconf]
    public async Task Zeroconf_for_python_sees_a_node_and_the_node_sees_what_it_publishes_and_its_goodbye()
    {
        using Office office = new();
        var desk = office.AddDesk();
        await using var node = await OfficeNode.StartAsync(office.AddDesk());

        var found = await ShortPause.UntilAsync(() => Office.RunAsync(Script(desk, "browse", Office.Address(desk), "3")), text => text.Contains(node.Instance, StringComparison.Ordinal));
        Assert.Matches($@"^{node.Instance}\._athens-pool\._tcp\.local\. {Office.Address(node.Desk).Replace(".", @"\.", StringComparison.Ordinal)}(,fe80::\S+)? 3443 k=[\w-]{{43}} v=1\s*$", found);

        using var publishing = Process.Start(Script(desk, "publish", Office.Address(desk), "athens-python", "4443", Key))!;
        Assert.Equal("published", await publishing.StandardOutput.ReadLineAsync());
        await node.UntilAsync(seen => seen.TryGetValue("athens-python", out var at) && at == $"{Office.Address(desk)}:4443");

        publishing.StandardInput.Close();
        await node.UntilAsync(seen => !seen.ContainsKey("athens-python"));
        await publishing.WaitForExitAsync();
    }

    private static bool IsResolved(string line, OfficeNode node) => line.StartsWith('=') && line.Contains(node.Instance, StringComparison.Ordinal);

    private static ProcessStartInfo Script(string desk, params string[] arguments) =>
        Office.At(desk, [ZeroconfRights.Python!, Path.Combine(SourceTree.Root, "tests", "OnLan", "zeroconf_node.py"), .. arguments]);
}

internal static class ZeroconfRights
{
    private static readonly Lazy<string?> Found = new(() => Array.Find(["/usr/bin/python3", "python3"], Has));

    /// <summary>The python that has it; null where none does.</summary>
    public static string? Python => Found.Value;

    public static string? Missing => Office.Missing ?? (Python is null ? "python3-zeroconf is missing: run tools/lib/test-packages" : null);

    private static bool Has(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import zeroconf"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test with python3-zeroconf; skipped, and counted as such, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithZeroconfAttribute : FactAttribute
{
    public FactWithZeroconfAttribute() => Skip = ZeroconfRights.Missing;
}
