using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>What a running node does when its peers.toml changes.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string A = "\n[[peer]]\nname = \"a\"\nendpoint = \"127.0.0.1:1\"\nkey = \"ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n";
    private const string B = "\n[[peer]]\nname = \"b\"\nendpoint = \"127.0.0.1:1\"\nkey = \"ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\"\n";

    private readonly NodeFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Peers_are_read_again_when_the_file_is_written_renamed_or_linked_anew()
    {
        folder.Upstream["goproxy"] = "\"off\"";
        await using var node = await folder.StartAsync();
        var plain = await File.ReadAllTextAsync(folder.Config);

        await File.AppendAllTextAsync(folder.Config, A);
        await node.WaitForLineAsync("1 peers (added: a; removed: none; changed: none)");

        var other = folder.Scratch("other.toml");
        await File.WriteAllTextAsync(other, plain + B);
        File.Move(other, folder.Config, overwrite: true);
        await node.WaitForLineAsync("1 peers (added: b; removed: a; changed: none)");

        var (first, second) = (folder.Scratch("first.toml"), folder.Scratch("second.toml"));
        await File.WriteAllTextAsync(first, plain + B.Replace(":1\"", ":2\"", StringComparison.Ordinal));
        await File.WriteAllTextAsync(second, plain + A + B);
        File.CreateSymbolicLink(other, first);
        File.Move(other, folder.Config, overwrite: true);
        await node.WaitForLineAsync("1 peers (added: none; removed: none; changed: b)");
        File.CreateSymbolicLink(other, second);
        File.Move(other, folder.Config, overwrite: true);
        await node.WaitForLineAsync("2 peers (added: a; removed: none; changed: b)");
        Assert.Equal(0, await node.StopAsync());
    }

    [Fact]
    public async Task A_bad_file_keeps_the_peers_and_every_error_is_told_with_its_line()
    {
        folder.Upstream["goproxy"] = "\"off\"";
        folder.Sections = A;
        await using var node = await folder.StartAsync();
        var good = await File.ReadAllTextAsync(folder.Config);

        await File.WriteAllTextAsync(folder.Config, "[node]\nlisten = 1\n[[peer]]\nname = \"x\"\n");
        await node.WaitForLineAsync("has 2 errors and is not used");
        Assert.Contains("peers.toml:2: [node] listen must be a string", node.Output, StringComparison.Ordinal);
        Assert.Contains("peers.toml:3: [[peer]] must have a name, an endpoint and a key", node.Output, StringComparison.Ordinal);

        File.Delete(folder.Config);
        await node.WaitForLineAsync("is gone: the peers stay as they were");

        await File.WriteAllTextAsync(folder.Config, good);
        await node.WaitForLineAsync("the 1 peers are as they were");
        Assert.Equal(0, await node.StopAsync());
    }

    [FactWithHangup]
    public async Task A_hangup_reads_the_file_at_once_and_other_keys_are_told_to_need_a_restart()
    {
        folder.Upstream["goproxy"] = "\"off\"";
        folder.Sections = "TOKEN = \"x\"\n[pool]\norg = \"x\"\n" + A;
        await using var node = await folder.StartAsync();
        var text = await File.ReadAllTextAsync(folder.Config);

        await node.SignalAsync("HUP");
        await node.WaitForLineAsync("the 1 peers are as they were");

        var after = node.Output.Length;
        await File.WriteAllTextAsync(folder.Config, text.Replace("\"x\"", "\"y\"", StringComparison.Ordinal) + B);
        await node.SignalAsync("HUP");
        await node.WaitForLineAsync("2 peers (added: b; removed: none; changed: none)", after);
        var line = await node.WaitForLineAsync("needs a restart", after);
        Assert.Contains("[pool] org, [upstream] env:", line, StringComparison.Ordinal);
        Assert.Equal(0, await node.StopAsync());
    }
}
