using System.Text.RegularExpressions;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Host;

namespace Athens.Federation.Tests.Host;

public sealed partial class ConfigurationSampleTests(ConfigurationFixture fixture) : IClassFixture<ConfigurationFixture>
{
    /// <summary>Their defaults depend on the machine: the sample shows an example and tells the default in words.</summary>
    private static readonly string[] MachineDependent = ["name", "data"];

    public static string Sample { get; } = File.ReadAllText(Path.Combine(Root(), "peers.sample.toml"));

    /// <summary>The sample with every key in force.</summary>
    public static string Uncommented(string sample) => CommentedKey().Replace(sample, "$1").Replace("\n#[[", "\n[[", StringComparison.Ordinal);

    [Fact]
    public void The_sample_as_it_stands_sets_nothing()
    {
        var result = fixture.LoadText(Sample);
        Assert.Empty(result.Errors);
        Assert.All(result.Entries, entry => Assert.Equal("default", entry.Origin));
    }

    [Fact]
    public void Every_key_stands_in_the_sample_in_order_with_its_true_default()
    {
        var uncommented = fixture.LoadText(Uncommented(Sample));
        Assert.Empty(uncommented.Errors);
        Assert.All(uncommented.Entries, entry => Assert.StartsWith("peers.toml:", entry.Origin, StringComparison.Ordinal));

        var lines = uncommented.Entries.Select(entry => int.Parse(entry.Origin.Split(':')[1]));
        Assert.Equal(lines.Order(), lines);
        foreach (var (written, known) in uncommented.Entries.Zip(fixture.Load("/dev/null").Entries))
        {
            Assert.True(written.Value == known.Value || MachineDependent.Contains(known.Key), $"{known.Key}: the default is {known.Value}, not {written.Value}");
        }
    }

    [Fact]
    public void Every_key_is_written_as_the_description_writes_it()
    {
        foreach (var entry in fixture.Load("/dev/null").Entries.Where(entry => !MachineDependent.Contains(entry.Key)))
        {
            Assert.Contains($"\n#{entry.Key} = {entry.Value}\n", Sample, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_key_has_a_line_of_why_above_it()
    {
        var lines = Sample.Split('\n');
        var keys = lines.Index().Where(line => CommentedKey().IsMatch(line.Item)).ToList();
        Assert.Equal(ConfigurationSettings.All.Count + ConfigurationPeers.Keys.Count, keys.Count);
        Assert.All(keys, line => Assert.StartsWith("# ", lines[line.Index - 1], StringComparison.Ordinal));
        Assert.All(
            keys.Take(ConfigurationSettings.All.Count).Where(line => MachineDependent.Any(key => line.Item.StartsWith($"#{key} ", StringComparison.Ordinal))),
            line => Assert.Contains("Default:", string.Join(' ', lines[(line.Index - 3)..line.Index]), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_key_of_a_peer_stands_in_the_sample_in_order()
    {
        var uncommented = fixture.LoadText(Uncommented(Sample));
        var peer = Assert.Single(uncommented.Configuration!.Peers);
        Assert.Equal(("office", "", PeerTrust.None), (peer.Name, peer.Org, peer.Trust));
        var below = Sample[Sample.IndexOf("\n#[[peer]]\n", StringComparison.Ordinal)..];
        Assert.Equal(ConfigurationPeers.Keys, CommentedKey().Matches(below).Select(match => match.Groups[1].Value.Split(' ')[0]));
    }

    [GeneratedRegex("^#([a-z_]+ = )", RegexOptions.Multiline)]
    private static partial Regex CommentedKey();

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Athens.Federation.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("not below the repository");
        }

        return folder;
    }
}
