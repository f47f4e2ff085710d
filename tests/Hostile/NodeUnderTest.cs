using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Tests.Federation.Serving;
using Athens.Federation.Tests.Integration;
using Athens.Federation.Tests.Storage;

namespace Athens.Federation.Tests.Hostile;

[CollectionDefinition(Name)]
public sealed class HostileCases : ICollectionFixture<NodeUnderTest>
{
    public const string Name = "hostile";
}

/// <summary>A real <c>athens serve</c> without upstream, that has one honest peer, and a hostile one as cases come and go.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes of it by its own DisposeAsync.")]
public sealed partial class NodeUnderTest : IAsyncLifetime
{
    private readonly NodeFolder folder = new();
    private readonly HashSet<string> compared = new(StringComparer.Ordinal);
    private ServingRig honest = null!;
    private int made;

    internal NodeProcess Process { get; private set; } = null!;

    internal PeerKey Key { get; private set; }

    internal ServingRig Honest => honest;

    /// <summary>Where peers connect to.</summary>
    internal IPEndPoint PeerAddress { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        honest = await ServingRig.StartAsync(around: static store => new UnhurriedStore(store));
        using (NodeKeys keys = NodeKeys.Open(folder.Data, "node"))
        {
            Key = PeerKey.Of(keys.Identity.PublicKey.Span);
        }

        honest.Peers.Set(PeerOrigin.Configuration, [new PeerOptions("node", "localhost:1", Key, "", PeerTrust.None)]);
        folder.Upstream["goproxy"] = "\"off\"";
        Write("observe", []);
        Process = await folder.StartWithoutGoAsync();
        PeerAddress = IPEndPoint.Parse(ListenLine().Match(await Process.WaitForLineAsync("eers may connect to")).Groups[1].Value);
        await Process.WaitForLineAsync("Peer honest connected");
        await MeasureAsync(1 << 20, times: 5);
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        await honest.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>These peers and no others from now on, besides the honest one.</summary>
    internal async Task KnowAsync(string honestTrust, params (string Name, string Endpoint, PeerKey Key, string Trust)[] peers)
    {
        Write(honestTrust, peers);
        int after = Process.Output.Length;
        await Process.SignalAsync("HUP");
        await Process.WaitForLineAsync("The configuration was read again", after);
    }

    /// <summary>A module version that the honest peer holds, and nobody has asked for yet.</summary>
    internal async Task<SampleModule> NewModuleAsync(int fill, Func<int, SampleModule>? make = null)
    {
        int number = Interlocked.Increment(ref made);
        SampleModule module = make?.Invoke(number) ?? SampleModule.Make($"example.org/hostile/m{number}", fill: fill);
        await module.AdmitAsync(honest.Disk);
        return module;
    }

    /// <summary>How long a developer waits for a module of such a size when all are honest: the worst of some.</summary>
    internal async Task<TimeSpan> MeasureAsync(int fill, int times = 2)
    {
        TimeSpan worst = TimeSpan.Zero;
        for (int i = 0; i < times; i++)
        {
            TimeSpan took = await GetAsync(await NewModuleAsync(fill));
            worst = took > worst ? took : worst;
        }

        return worst;
    }

    /// <summary>What a developer's <c>go</c> asks for: the right three files come. How long that took.</summary>
    internal async Task<TimeSpan> GetAsync(SampleModule module)
    {
        string stem = $"/{module.Module.Path}/@v/{module.Module.Version}";
        long start = TimeProvider.System.GetTimestamp();
        (int status, byte[] zip) = await AskAsync(stem + ".zip");
        TimeSpan took = TimeProvider.System.GetElapsedTime(start);
        Assert.True(status == 200, $"{status}: {Encoding.UTF8.GetString(zip, 0, Math.Min(zip.Length, 2000))}");
        Assert.Equal(Sha(module.Zip), Sha(zip));
        Assert.Equal(module.Info, (await AskAsync(stem + ".info")).Body);
        Assert.Equal(module.Mod, (await AskAsync(stem + ".mod")).Body);
        return took;
    }

    internal async Task<(int Status, byte[] Body)> AskAsync(string path)
    {
        using HttpResponseMessage answer = await Process.Client.GetAsync(path);
        return ((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Every file in the store is an honest one, byte for byte, and nothing half done lies about.</summary>
    internal async Task AssertStoreIsHonestAsync()
    {
        foreach (string file in Directory.EnumerateFiles(folder.Download, "*.*", SearchOption.AllDirectories))
        {
            if (Path.GetExtension(file) is not (".zip" or ".info" or ".mod" or ".ziphash"))
            {
                continue;
            }

            string original = Path.Combine(honest.DataFolder, "download", Path.GetRelativePath(folder.Download, file));
            Assert.True(File.Exists(original), $"{file} is stored, and no honest peer holds it");
            if (compared.Add(file))
            {
                Assert.Equal(Sha(await File.ReadAllBytesAsync(original)), Sha(await File.ReadAllBytesAsync(file)));
            }
        }

        // Who lost a race clears up after the developer has been answered.
        await EventuallyAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(folder.Data, "tmp")).Any(), () => "files are left in tmp");
    }

    internal static async Task EventuallyAsync(Func<bool> holds, Func<string> otherwise)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
            {
                Assert.Fail(otherwise());
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    private static string Sha(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private void Write(string honestTrust, (string Name, string Endpoint, PeerKey Key, string Trust)[] peers)
    {
        // No mirrors: these peers lie in answers, and what the honest one's log has told already would save asking them.
        StringBuilder text = new("[node]\nname = \"node\"\npeer_listen = \"127.0.0.1:0\"\n[pool]\nmirror = \"none\"\n");
        foreach (var (name, endpoint, key, trust) in peers.Append(("honest", honest.Address.ToString(), honest.Key, honestTrust)))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"[[peer]]\nname = \"{name}\"\nendpoint = \"{endpoint}\"\nkey = \"{key}\"\ntrust = \"{trust}\"");
        }

        folder.Sections = text.ToString();
        folder.Rewrite();
    }

    [GeneratedRegex(@"connect to (\S+)")]
    private static partial Regex ListenLine();
}
