using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>What a checksum database says of a module version, proven by a signed head.</summary>
/// <param name="Record">The record, in the head's tree.</param>
/// <param name="Head">The latest head of the timeline.</param>
/// <param name="ZipHash">h1 of the zip.</param>
/// <param name="ModHash">h1 of the go.mod.</param>
internal sealed record ProvenModule(LogRecord Record, SignedHead Head, string ZipHash, string ModHash)
{
    /// <summary>The answer that Go's clients are given: any head that has the record will do, so it is always the latest.</summary>
    public byte[] ToLookupAnswer() => new LookupAnswer(Record, Head.Note).Format();

    /// <summary>
    /// The hashes in a record of this module version, or why it is none. <c>go</c> accepts anything for a record that lacks a line, so one with
    /// another module's lines, or with two hashes for one thing, must not reach it.
    /// </summary>
    public static (string Zip, string Mod)? HashesIn(ReadOnlySpan<byte> text, ModuleVersion module, out string? reason)
    {
        var lines = Encoding.UTF8.GetString(text).Split('\n');
        var zip = HashOf(lines, $"{module.Path} {module.Version} ");
        var mod = HashOf(lines, $"{module.Path} {module.Version}/go.mod ");
        reason = zip is null || mod is null ? $"the record does not have exactly one h1 of the zip and one of the go.mod of {module}" : null;
        return reason is null ? (zip!, mod!) : null;
    }

    private static string? HashOf(string[] lines, string start)
    {
        string[] hashes = [.. lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..])];
        return hashes is [var hash] && RecordSyntax.IsH1(hash) ? hash : null;
    }
}
