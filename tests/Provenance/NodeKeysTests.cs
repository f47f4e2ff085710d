using System.Diagnostics;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Provenance;

/// <summary>The node's keys on disk: made once, private, kept whole, and refused with a sentence when anything is odd.</summary>
public sealed class NodeKeysTests : IDisposable
{
    private readonly TemporaryFolder folder = new("keys");

    private string Data => Path.Combine(folder.Path, "data");

    private string Keys => Path.Combine(Data, "keys");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Keys_are_made_once_and_only_for_their_owner()
    {
        var first = Shown("node");
        Assert.Equal(first, Shown("node"));
        Assert.Equal(3, first.Split('\n').Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Keys));
        Assert.Equal(["identity", "log", "witness"], Directory.GetFiles(Keys).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in Directory.GetFiles(Keys))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.StartsWith("# The ", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Renaming_the_node_does_not_rename_its_log()
    {
        var before = Shown("before");
        Assert.Equal(before, Shown("after"));
        using var keys = NodeKeys.Open(Data, "after");
        Assert.Matches("^before/[0-9a-f]{8}$", keys.Log.Name);
    }

    [Theory]
    [InlineData("büro 3+1", "b-ro-3-1")]
    [InlineData("", "node")]
    [InlineData("a\nb", "a-b")]
    [InlineData("office-1.example_x", "office-1.example_x")]
    public void Any_name_of_a_node_gives_a_name_for_notes(string name, string fit)
    {
        using var keys = NodeKeys.Open(Data, name);
        Assert.StartsWith(fit + "/", keys.Log.Name, StringComparison.Ordinal);
        var note = SignedNote.Parse(SignedNote.Sign("text\n", keys.Log, keys.Witness, keys.Identity), out _)!;
        Assert.True(note.IsSignedBy(keys.Log.Verifier));
    }

    [Fact]
    public void A_long_name_is_cut()
    {
        using var keys = NodeKeys.Open(Data, new string('x', 5000));
        Assert.True(keys.Witness.Name.Length < 150);
    }

    [Theory]
    [InlineData("g+r", "chmod 600")]
    [InlineData("o+r", "chmod 600")]
    [InlineData("g+w", "chmod 600")]
    public void A_key_that_others_can_read_is_refused(string mode, string advice)
    {
        Shown("node");
        Process.Start("chmod", [mode, Path.Combine(Keys, "log")]).WaitForExit();
        Assert.Contains(advice, Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_others_can_enter_is_refused()
    {
        Shown("node");
        Process.Start("chmod", ["o+x", Keys]).WaitForExit();
        Assert.Contains("chmod 700", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_in_place_of_a_key_is_refused_also_when_it_leads_nowhere()
    {
        Shown("node");
        var log = Path.Combine(Keys, "log");
        File.Move(log, folder.File("elsewhere"));
        File.CreateSymbolicLink(log, folder.File("elsewhere"));
        Assert.Contains("is a link", Refused(), StringComparison.Ordinal);
        File.Delete(folder.File("elsewhere"));
        Assert.Contains("is a link", Refused(), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("elsewhere")));
    }

    [Fact]
    public void A_link_in_place_of_the_folder_is_refused()
    {
        Shown("node");
        Directory.Move(Keys, folder.File("elsewhere"));
        Directory.CreateSymbolicLink(Keys, folder.File("elsewhere"));
        Assert.Contains("is a link", Refused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("PRIVATE+KEY+a+00000000+AAAA\n")]
    [InlineData("not a key\n")]
    public void A_damaged_key_is_refused_and_kept(string text)
    {
        Shown("node");
        var log = Path.Combine(Keys, "log");
        File.WriteAllText(log, text);
        Assert.Contains("Restore it from a backup", Refused(), StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(log));
    }

    [Fact]
    public void Every_torn_or_flipped_key_is_refused_and_never_shown()
    {
        Shown("node");
        var path = Path.Combine(Keys, "identity");
        var good = File.ReadAllText(path);
        var start = good.IndexOf('\n', StringComparison.Ordinal) + 1;
        for (var i = start; i < good.Length - 1; i += 3)
        {
            File.WriteAllText(path, good[..i]);
            Refused();
            // The number in a key may be written in either case, so 'A' in place of 'a' would be the same key.
            File.WriteAllText(path, good[..i] + (good[i] is 'A' or 'a' ? 'B' : 'A') + good[(i + 1)..]);
            var message = Refused();
            Assert.DoesNotContain(good[^20..^2], message, StringComparison.Ordinal);
        }

        File.WriteAllText(path, new string('#', 5000));
        Refused();
    }

    [Fact]
    public void A_pipe_in_place_of_a_key_does_not_hold_the_node_up()
    {
        Shown("node");
        var log = Path.Combine(Keys, "log");
        File.Delete(log);
        Process.Start("mkfifo", ["-m", "600", log]).WaitForExit();
        Assert.Contains("not a file", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_that_start_at_once_all_use_the_same_keys()
    {
        for (var round = 0; round < 20; round++)
        {
            var data = folder.Folder($"round{round}");
            using var gate = new Barrier(8);
            var shown = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    gate.SignalAndWait();
                    return ShownAt(data, "node");
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            Assert.Single(shown.Distinct(StringComparer.Ordinal));
            Assert.Equal(3, Directory.GetFiles(Path.Combine(data, "keys")).Length);
        }
    }

    private string Shown(string name) => ShownAt(Data, name);

    private static string ShownAt(string data, string name)
    {
        using var keys = NodeKeys.Open(data, name);
        return $"{keys.Identity.Verifier}\n{keys.Log.Verifier}\n{keys.Witness.Verifier}";
    }

    private string Refused() => Assert.ThrowsAny<IOException>(() => NodeKeys.Open(Data, "node").Dispose()).Message;
}
