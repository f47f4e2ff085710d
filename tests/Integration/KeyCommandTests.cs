using System.Diagnostics;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Integration;

/// <summary><c>athens key show</c> as an operator types it.</summary>
public sealed class KeyCommandTests : IDisposable
{
    private readonly NodeFolder folder = new() { Sections = "[node]\nname = \"office-1\"" };

    private string Keys => Path.Combine(folder.Data, "keys");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Three_public_keys_are_printed_the_same_ones_every_time()
    {
        var (exitCode, output) = await folder.RunAsync(null, "key", "show");
        Assert.Equal(0, exitCode);
        var lines = output.TrimEnd('\n').Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(["identity", "log", "witness"], lines.Select(line => line[0]));
        Assert.True(PeerKey.TryParse(lines[0][1], out _, out var reason), reason);
        Assert.StartsWith("office-1/", NoteVerifier.Parse(lines[1][1], out _)!.Name, StringComparison.Ordinal);
        Assert.NotNull(CosignatureVerifier.Parse(lines[2][1], out _));
        Assert.Equal((0, output), await folder.RunAsync(null, "key", "show"));
        foreach (var file in Directory.GetFiles(Keys))
        {
            Assert.DoesNotContain(File.ReadAllText(file).TrimEnd().Split('+', 5)[^1], output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_running_node_is_no_hindrance()
    {
        await using var node = await folder.StartAsync();
        Assert.Equal(0, (await folder.RunAsync(null, "key", "show")).ExitCode);
    }

    [Fact]
    public async Task A_key_that_others_can_read_is_one_sentence_with_what_to_do()
    {
        await folder.RunAsync(null, "key", "show");
        Process.Start("chmod", ["644", Path.Combine(Keys, "identity")]).WaitForExit();
        var (exitCode, output) = await folder.RunAsync(null, "key", "show");
        Assert.Equal(1, exitCode);
        Assert.Contains("chmod 600", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_one_sentence()
    {
        var file = folder.Scratch("file");
        await File.WriteAllTextAsync(file, "");
        var (exitCode, output) = await NodeProcess.RunAsync(null, "key", "show", "--data", Path.Combine(file, "data"));
        Assert.Equal(1, exitCode);
        Assert.StartsWith("athens: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
