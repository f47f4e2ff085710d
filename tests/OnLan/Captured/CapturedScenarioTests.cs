using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>Nothing of a private name leaves its organization: every byte of a whole scenario is captured, opened where it is TLS, and searched.</summary>
public sealed class CapturedScenarioTests(ITestOutputHelper output)
{
    [FactWithCapture]
    public async Task Not_a_byte_of_a_private_name_is_on_the_LAN_or_at_anybody_outside()
    {
        await using var scenario = await Scenario.StartAsync();
        await scenario.MakePoolAsync();
        await scenario.FetchAtFirstAsync();
        await scenario.FetchAtColleagueAsync();
        await scenario.FetchAtOtherAsync();
        await scenario.Outside.UntilReceivedAsync("athens.requests");
        List<Trace> content = [.. (await scenario.RecordsAsync()).SelectMany(PrivateModules.Content)];
        List<Trace> traces = [.. PrivateModules.Names(), .. content];
        List<Haystack> ofOther = [.. await OfOtherAsync(scenario)];

        // From here on the other node itself speaks of the names that its user told it; of what is behind them it still must learn nothing.
        var told = TimeProvider.System.GetUtcNow();
        await scenario.GuessAtOtherAsync();
        Party[] parties = [await Party.OfAsync(scenario.First), await Party.OfAsync(scenario.Colleague), await Party.OfAsync(scenario.Other)];
        Assert.All(await Task.WhenAll(new[] { scenario.First, scenario.Colleague, scenario.Other }.Select(static node => node.Process.StopAsync())), static exitCode => Assert.Equal(0, exitCode));
        var evidence = await OpenAsync(scenario);

        List<Haystack> outside = [.. evidence.Clear, new Haystack("what the collector and the proxy outside received", scenario.Outside.Received())];
        List<Haystack> toOther = [.. Ways(parties).SelectMany(way => evidence.Said(way.From, way.To, told, isBefore: true))];
        List<Haystack> later = [.. Ways(parties).SelectMany(way => evidence.Said(way.From, way.To, told, isBefore: false)), .. await Haystack.OfFolderAsync("the other's data in the end", scenario.Other.Data)];
        AssertSees(evidence.Said(parties[0], parties[1], told, isBefore: true), toOther, outside, ofOther, traces);

        List<Haystack> searched = [.. outside, .. toOther, .. ofOther];
        output.WriteLine($"{evidence.Opened} bytes came out of TLS; {traces.Count} traces were looked for in {searched.Sum(static hay => (long)hay.Bytes.Length)} bytes in {searched.Count} pieces");
        var found = Haystack.Search(searched, traces).Concat(Haystack.Search(later, content)).ToList();
        Assert.True(found.Count == 0, $"{found.Count} found:\n{string.Join('\n', found.Take(30))}");
    }

    [Fact]
    public void Text_in_HPACKs_code_is_as_RFC_7541_has_it() =>
        Assert.Equal("F1E3C2E5F23A6BA0AB90F4FF", Convert.ToHexString([.. HuffmanText.Whole("www.example.com", 0), 0xFF]));

    /// <summary>So that the search can fail: it finds what colleagues say, what is public, and a private name in any dress among what was captured.</summary>
    private void AssertSees(IReadOnlyList<Haystack> colleagues, List<Haystack> toOther, List<Haystack> outside, List<Haystack> ofOther, List<Trace> traces)
    {
        var inside = Haystack.Search(colleagues, traces);
        output.WriteLine($"the same search finds {inside.Count} traces in what the first node told its colleague");
        Assert.Contains(inside, static line => line.StartsWith("'github.com/Masterminds/semver/v3' in", StringComparison.Ordinal));
        Assert.Contains(inside, static line => line.StartsWith("content: h1:", StringComparison.Ordinal));
        List<Trace> known = [.. Trace.OfName(Scenario.Public.Split('@')[0])];
        foreach (var part in new[] { toOther, ofOther, [outside[^1]], [.. outside.Where(static hay => hay.Name.EndsWith("in clear", StringComparison.Ordinal))] })
        {
            Assert.NotEmpty(Haystack.Search(part, known));
        }

        Assert.True(outside[0].Bytes.Span.IndexOf("_athens-pool"u8) >= 0, "no multicast DNS was captured");
        var real = toOther.MaxBy(static hay => hay.Bytes.Length)!;
        Assert.All(Planted(), dressed =>
            Assert.NotEmpty(Haystack.Search([new Haystack(dressed.What, (byte[])[.. real.Bytes.Span[..99], .. dressed.Bytes, .. real.Bytes.Span])], traces)));
    }

    private static IEnumerable<(string What, byte[] Bytes)> Planted()
    {
        const string path = "github.com/Masterminds/semver/v3";
        foreach (var text in new[] { path.ToUpperInvariant(), "github.com/!masterminds/semver/v3", "example.com/x%2FMasterminds%2fsemver", "golang-lru", Convert.ToHexString(Encoding.UTF8.GetBytes(path)) })
        {
            yield return (text, Encoding.UTF8.GetBytes(text));
        }

        for (var before = 0; before < 5; before++)
        {
            var bytes = Encoding.UTF8.GetBytes(new string('>', before) + path + "??");
            yield return ("base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)));
            yield return ("base64url", Encoding.ASCII.GetBytes(Base64Url.EncodeToString(bytes)));
            var bits = Enumerable.Repeat(1, before).Concat(HuffmanText.Bits("https://" + path));
            yield return ("HPACK", [.. bits.Chunk(8).Select(static eight => (byte)eight.Aggregate(0, static (value, bit) => (value << 1) | bit))]);
        }

        yield return ("UTF-16", Encoding.Unicode.GetBytes(path));
        yield return ("SHA-256", SHA256.HashData(Encoding.UTF8.GetBytes(PrivateModules.Lru)));
        yield return ("SHA-256 in hex", Encoding.ASCII.GetBytes(Convert.ToHexString(SHA256.HashData("github.com/hashicorp/golang-lru v0.5.4"u8))));
        yield return ("SHA-1 in base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(CryptographicOperations.HashData(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(path)))));
        yield return ("MD5 in base64url", Encoding.ASCII.GetBytes(Base64Url.EncodeToString(CryptographicOperations.HashData(HashAlgorithmName.MD5, Encoding.UTF8.GetBytes(path + "\n")))));
        yield return ("SHA-512, shortened", SHA512.HashData(Encoding.UTF8.GetBytes(path))[..10]);
    }

    /// <summary>The other organization's node: its files, its log, and what its commands print.</summary>
    private static async Task<IEnumerable<Haystack>> OfOtherAsync(Scenario scenario)
    {
        List<Haystack> all = [.. await Haystack.OfFolderAsync("the other's data", scenario.Other.Data), Text("the other's log", scenario.Other.Process.Output)];
        foreach (var verb in new[] { "peers", "pool members", "pool show", "incident list", "provenance " + Scenario.Public })
        {
            all.Add(Text($"'athens {verb}' at the other", await scenario.Other.RunAsync(verb.Split(' '))));
        }

        return all;
    }

    private static Haystack Text(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Between the organizations; the last party is the other one.</summary>
    private static IEnumerable<(Party From, Party To)> Ways(Party[] parties) =>
        parties[..^1].SelectMany(party => new[] { (party, parties[^1]), (parties[^1], party) });

    private async Task<Evidence> OpenAsync(Scenario scenario)
    {
        TlsKeys keys = new();
        foreach (var node in new[] { scenario.First, scenario.Colleague, scenario.Other })
        {
            keys.Read(node.TlsKeys);
        }

        var frames = await scenario.Capture.StopAsync();
        output.WriteLine($"{frames.Count} frames were captured, {Conversation.All(frames).Count} TCP connections among them");
        return new Evidence(frames, keys);
    }
}
