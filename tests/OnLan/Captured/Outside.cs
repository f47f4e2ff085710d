using System.Diagnostics;
using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>Services of others on a LAN: who collects traces and metrics, a proxy that has nothing, and a checksum database.</summary>
internal sealed class Outside : IDisposable
{
    private const int Port = 9411;

    private readonly TemporaryFolder folder = new("outside");
    private readonly Process process;

    private Outside(string desk, GoChecksumDatabase database)
    {
        Database = database;
        Url = $"http://{Office.Address(desk)}:{Port}";
        var script = Path.Combine(SourceTree.Root, "tests", "OnLan", "outside.py");
        process = Process.Start(Office.At(desk, ZeroconfRights.Python!, script, Office.Address(desk), Port.ToString(System.Globalization.CultureInfo.InvariantCulture), Kept))!;
    }

    public string Url { get; }

    public GoChecksumDatabase Database { get; }

    private string Kept => folder.File("received");

    public static async Task<Outside> StartAsync(string desk)
    {
        Outside outside = new(desk, await GoChecksumDatabase.StartAsync(desk: desk));
        var said = await outside.process.StandardOutput.ReadLineAsync();
        Assert.True(said == "ready", $"{said} {(said is null ? await outside.process.StandardError.ReadToEndAsync() : "")}");
        return outside;
    }

    /// <summary>All requests and bodies up to now.</summary>
    public byte[] Received() => File.Exists(Kept) ? File.ReadAllBytes(Kept) : [];

    public async Task UntilReceivedAsync(string words)
    {
        var received = await Integration.ShortPause.UntilAsync(() => Task.FromResult(Encoding.Latin1.GetString(Received())), text => text.Contains(words, StringComparison.Ordinal));
        Assert.Contains(words, received, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Database.Dispose();
        folder.Dispose();
    }
}
