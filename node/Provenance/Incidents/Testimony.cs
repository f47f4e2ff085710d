using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>
/// A node's word of what upstream gave it, signed by its log key. Upstream signs nothing, so this proves only that the node says so. It is no record, and
/// has no time: the same finding is the same text.
/// </summary>
internal static class Testimony
{
    private const string FirstLine = "athens.federation/upstream-gave/v1";

    /// <summary>Signs what upstream gave.</summary>
    /// <param name="node">The node's log key.</param>
    /// <param name="module">What was asked for.</param>
    /// <param name="zipHash">h1 of the zip that came.</param>
    /// <param name="modHash">h1 of the go.mod that came.</param>
    public static SignedNote Sign(SigningKey node, ModuleVersion module, string zipHash, string modHash) => SignedNote.Parse(
        SignedNote.Sign($"{FirstLine}\n{module.Path} {module.Version} {zipHash}\n{module.Path} {module.Version}/go.mod {modHash}\n", node), out _)!;

    /// <summary>The hashes that it says upstream gave for a module version; null when it says nothing of that.</summary>
    public static (string Zip, string Mod)? Read(SignedNote note, ModuleVersion module) =>
        note.Text.Split('\n') is [FirstLine, var zip, var mod, ""]
        && HashIn(zip, $"{module.Path} {module.Version} ") is { } zipHash
        && HashIn(mod, $"{module.Path} {module.Version}/go.mod ") is { } modHash
            ? (zipHash, modHash)
            : null;

    private static string? HashIn(string line, string start) =>
        line.StartsWith(start, StringComparison.Ordinal) && RecordSyntax.IsH1(line.AsSpan(start.Length)) ? line[start.Length..] : null;
}
