using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Integration;

/// <summary>
/// Three organizations and a quorum of two, over running nodes: what acme, acme's second node and globex have observed or vouched for, and what initech's
/// nodes take of it. One of those has no upstream, the other has one of its own.
/// </summary>
public sealed class TrustTests : IClassFixture<TrustTests.Orgs>
{
    private const string OneOfTwo = "observed by 1 organization of the 2 that [pool] quorum asks for";

    private readonly Orgs orgs;

    public TrustTests(Orgs orgs) => this.orgs = orgs;

    /// <summary>
    /// A module; who has it (<c>+</c> observed it, <c>~</c> has it from another member, <c>!</c> observed other bytes); what the node without upstream answers, and words
    /// of its reason; what the node with an upstream answers.
    /// </summary>
    public static TheoryData<string, string, string, string, string> Table => new()
    {
        { "other.example/one-org", "acme1+ upstream+", "404", OneOfTwo, "200 upstream" },
        { "other.example/one-org-twice", "acme1+ acme2+ upstream+", "404", OneOfTwo, "200 upstream" },
        { "other.example/two-orgs", "acme1+ globex+ upstream+", "200 peer", "", "200 peer" },
        { "other.example/vouched", "acme1+ globex~ upstream+", "404", OneOfTwo, "200 upstream" },
        { "other.example/vouched-thrice", "acme1~ acme2~ globex~ upstream+", "404", "no organization of the 2", "200 upstream" },
        { "corp.example/of-acme", "acme1+", "200 peer", "", "200 peer" },
        { "corp.example/of-acme-vouched", "acme1~ globex+", "404", "corp.example/* belongs to acme", "404" },
        { "corp.example/not-of-globex", "globex+", "404", "corp.example/* belongs to acme", "404" },
        { "other.example/wrong-hash", "acme1+ globex! upstream+", "403", "trusted records of it disagree", "403" },
        { "other.example/wrong-vouched", "acme1+ globex~! upstream+", "403", "trusted records of it disagree", "403" },
        { "corp.example/wrong-of-globex", "acme1+ globex! upstream+", "200 peer", "", "200 peer" },
        { "other.example/moved", "acme1+ upstream!", "404", OneOfTwo, "403" },
        { "other.example/moved-and-held", "acme1+ globex+ upstream!", "200 peer", "", "200 peer" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Bytes_are_taken_exactly_by_the_policy(string module, string have, string expected, string reason, string withUpstream)
    {
        Assert.NotEmpty(have);
        var path = $"/{module}/@v/v1.0.0.zip";
        var alone = await orgs.Alone.GetAsync(path);
        Assert.Equal(expected, Said(alone));
        Assert.Contains(reason, alone.Status == 200 ? "" : Encoding.UTF8.GetString(alone.Body), StringComparison.Ordinal);
        var open = await orgs.Open.GetAsync(path);
        Assert.True(withUpstream == Said(open), $"{withUpstream}, not {Said(open)}: {(open.Status == 200 ? "" : Encoding.UTF8.GetString(open.Body))}");
        var original = await File.ReadAllBytesAsync(Path.Combine(orgs.Folder, "good", module, "@v", "v1.0.0.zip"));
        Assert.All([alone, open], answer => Assert.True(answer.Status != 200 || answer.Body.AsSpan().SequenceEqual(original)));
    }

    [Fact]
    public async Task A_wrong_hash_becomes_an_incident_with_both_records_as_evidence()
    {
        foreach (var (node, module) in new[] { (orgs.Alone, "other.example/wrong-hash"), (orgs.Open, "other.example/moved") })
        {
            Assert.Equal(403, (await node.GetAsync($"/{module}/@v/v1.0.0.zip")).Status);
            var line = await node.Process.WaitForLineAsync($"{module}@v1.0.0: ");
            Assert.Contains("SECURITY", line, StringComparison.Ordinal);
            await node.Process.WaitForLineAsync("SECURITY: incident");
            Assert.True(await IsEvidenceAsync(Path.Combine(node.Folder.Data, "evidence", "incidents"), module), $"there is no evidence of {module}");
        }
    }

    [Fact]
    public async Task A_person_sees_who_has_recorded_what_and_why_it_is_believed_or_not()
    {
        var (exitCode, output) = await ProvenanceAsync("other.example/two-orgs", known => known.Contains("acme1", StringComparison.Ordinal) && known.Contains("globex", StringComparison.Ordinal));
        Assert.Equal(0, exitCode);
        Assert.Matches("acme1 +acme +observed  ", output);
        (exitCode, output) = await ProvenanceAsync("other.example/vouched", known => known.Contains("acme1", StringComparison.Ordinal));
        Assert.Equal(0, exitCode);
        Assert.Contains(OneOfTwo, output, StringComparison.Ordinal);
        (exitCode, output) = await ProvenanceAsync("other.example/wrong-hash", known => known.Contains("REFUSED", StringComparison.Ordinal));
        Assert.Equal(3, exitCode);
    }

    /// <summary>Logs are mirrored in the background: asks until something is known.</summary>
    private Task<(int ExitCode, string Output)> ProvenanceAsync(string module, Func<string, bool> isEnough) => ShortPause.UntilAsync(
        () => orgs.Alone.Folder.RunAsync(null, "provenance", $"{module}@v1.0.0"), known => isEnough(known.Output), minutes: 2);

    /// <summary>The answer does not wait for the evidence to be on the disk.</summary>
    private static Task<bool> IsEvidenceAsync(string folder, string module) => ShortPause.UntilAsync(
        () => Task.FromResult(Directory.Exists(folder)
            && Directory.EnumerateFiles(folder, "*.txt").Any(file => File.ReadAllText(file).Contains(module, StringComparison.Ordinal))),
        static isThere => isThere);

    private static string Said((int Status, string Source, byte[] Body) answer) =>
        answer.Status == 200 ? $"200 {answer.Source.Split(':')[0]}" : $"{answer.Status}";

    /// <summary>The nodes, with what each holds before any is asked.</summary>
    public sealed class Orgs : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder folder = new("trust");
        private readonly Dictionary<string, PeerNode> members = [];

        public string Folder => folder.Path;

        /// <summary>Of initech, without upstream.</summary>
        internal PeerNode Alone { get; private set; } = null!;

        /// <summary>Of initech, with an upstream of its own.</summary>
        internal PeerNode Open { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            foreach (var name in new[] { "acme1", "acme2", "globex" })
            {
                members[name] = await PeerNode.CreateAsync(name);
            }

            Alone = await PeerNode.CreateAsync("alone");
            Open = await PeerNode.CreateAsync("open", await GoRepositories.SharedAsync());
            Open.Folder.Upstream["goproxy"] = $"\"file://{folder.File("upstream")}\"";
            Publish();
            foreach (var (name, node) in members)
            {
                await HoldAsync(node, name);
                await node.Knows(Alone).Knows(Open).StartAsync();
            }

            foreach (var node in new[] { Alone, Open })
            {
                node.Sections = "[pool]\norg = \"initech\"\nquorum = 2\nnamespaces = { \"corp.example/*\" = \"acme\" }\n";
                members.Values.ToList().ForEach(member => node.Knows(member, "observe", member.Name.TrimEnd('1', '2')));
                await node.StartAsync();
                foreach (var name in members.Keys)
                {
                    await node.Process.WaitForLineAsync($"Peer {name} connected");
                }
            }
        }

        public async Task DisposeAsync()
        {
            foreach (var node in members.Values.Append(Alone).Append(Open))
            {
                await node.DisposeAsync();
            }
        }

        public void Dispose() => folder.Dispose();

        /// <summary>One folder for each way in which somebody has a module, and <c>good</c> with all as they should be.</summary>
        private void Publish()
        {
            foreach (var row in Table)
            {
                var (module, have) = ((string)row[0], (string)row[1]);
                Write("good", module, isGood: true);
                foreach (var word in have.Split(' '))
                {
                    var name = word.TrimEnd('+', '~', '!');
                    Write(name + (word.Contains('~', StringComparison.Ordinal) ? "-vouched" : ""), module, !word.EndsWith('!'));
                }
            }
        }

        private void Write(string proxy, string module, bool isGood)
        {
            var versions = Directory.CreateDirectory(Path.Combine(folder.Path, proxy, module, "@v")).FullName;
            SyntheticProxy.WriteVersion(versions, module, "v1.0.0", new byte[isGood ? 1000 : 2000]);
            File.WriteAllText(Path.Combine(versions, "list"), "v1.0.0\n");
        }

        private async Task HoldAsync(PeerNode node, string name)
        {
            if (Directory.Exists(folder.File(name)))
            {
                await node.ObserveAsync(folder.File(name));
            }

            if (Directory.Exists(folder.File($"{name}-vouched")))
            {
                var (exitCode, output) = await node.Folder.RunAsync(null, "store", "import", folder.File($"{name}-vouched"));
                Assert.True(exitCode == 0, output);
            }
        }
    }
}
