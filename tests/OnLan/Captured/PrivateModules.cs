using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>The modules of one organization that nobody else may hear of, and all by which they could be told.</summary>
internal static partial class PrivateModules
{
    public const string Patterns = "github.com/Masterminds/*,github.com/hashicorp";

    public const string Semver = "github.com/Masterminds/semver/v3@v3.2.0";

    public const string Lru = "github.com/hashicorp/golang-lru@v0.5.4";

    /// <summary>There is no such repository; who looks for it does not want that told.</summary>
    public const string Missing = "github.com/hashicorp/never-was@v1.0.0";

    private static readonly string[] All = [Semver, Lru, Missing];

    /// <summary>A path of the Go front.</summary>
    public static string Path(string module, string file) => $"/{Escaped(module.Split('@')[0])}/@v/{file}";

    /// <summary>As a path and in a look-up: capitals are an exclamation mark and the small letter.</summary>
    public static string Escaped(string text) => Capital().Replace(text, static letter => "!" + letter.Value.ToLowerInvariant());

    /// <summary>Names, whole and in parts, and hashes of them without salt.</summary>
    public static IEnumerable<Trace> Names()
    {
        foreach (var module in All)
        {
            var (path, version) = (module.Split('@')[0], module.Split('@')[1]);
            string[] whole = [path, module, $"{path} {version}", $"{path} {version}/go.mod"];
            foreach (var text in whole.SelectMany(static text => new[] { text, Escaped(text), text.ToLowerInvariant() }).Distinct(StringComparer.Ordinal).SelectMany(static text => new[] { text, text + "\n" }))
            {
                foreach (var trace in Trace.OfHashes(text))
                {
                    yield return trace;
                }
            }

            foreach (var trace in new[] { path, Escaped(path), $"{path}@{version}", path.Split('/')[1], path.Split('/')[2] }.Distinct(StringComparer.Ordinal).SelectMany(Trace.OfName))
            {
                yield return trace;
            }
        }
    }

    /// <summary>What only who has the module can know: its hashes, its commit, its record's salt, and that record's leaf as it would be without the salt.</summary>
    /// <param name="record">The text.</param>
    public static IEnumerable<Trace> Content(string record)
    {
        foreach (Match hash in ContentHash().Matches(record))
        {
            foreach (var trace in Trace.OfBytes($"content: {hash.Value}", Convert.FromBase64String(hash.Groups["base64"].Value)))
            {
                yield return trace;
            }
        }

        foreach (Match hex in ContentHex().Matches(record))
        {
            foreach (var trace in Trace.OfBytes($"content: {hex.Value}", Convert.FromHexString(hex.Groups["hex"].Value)))
            {
                yield return trace;
            }
        }

        Assert.Matches(SaltLine(), record);
        foreach (var text in new[] { SaltLine().Replace(record, ""), SaltLine().Replace(record, "").TrimEnd('\n') })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            foreach (var trace in Trace.OfBytes("the leaf without its salt", SHA256.HashData([0, .. bytes])).Concat(Trace.OfBytes("the record without its salt", SHA256.HashData(bytes))))
            {
                yield return trace;
            }
        }
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex("h1:(?<base64>[A-Za-z0-9+/]{43}=)")]
    private static partial Regex ContentHash();

    [GeneratedRegex(@"\b(?<hex>[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b")]
    private static partial Regex ContentHex();

    [GeneratedRegex("^salt [0-9a-f]{32}\n", RegexOptions.Multiline)]
    private static partial Regex SaltLine();
}
