using System.Globalization;
using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Provenance;

/// <summary>
/// What a node knows of one module version: one leaf of its log, and the text of the note that it answers a peer with. The two hash
/// lines are what Go's checksum database has; a line each for zip and info; then, when known, the origin; then who got the bytes and how.
/// </summary>
internal sealed record ModuleRecord
{
    /// <summary>UTF-8 bytes of a record. Paths and versions of the greatest length take 3 KiB; the rest is for lines to come.</summary>
    public const int MaxLength = 8 << 10;

    /// <summary>Lines after the known ones: see <see cref="Further"/>.</summary>
    public const int MaxFurtherLines = 16;

    /// <summary>Go's limit for a module zip.</summary>
    public const long MaxZip = 500L << 20;

    /// <summary>Far more than <c>go</c> ever wrote into one.</summary>
    public const long MaxInfo = 1L << 20;

    private const string Salt = "salt ";

    public required ModuleVersion Module { get; init; }

    /// <summary>h1 of the zip, <c>h1:…</c>.</summary>
    public required string ZipHash { get; init; }

    /// <summary>h1 of the go.mod, <c>h1:…</c>.</summary>
    public required string ModHash { get; init; }

    public required RecordedFile Zip { get; init; }

    public required RecordedFile Info { get; init; }

    /// <summary>Merkle root of the zip's chunks (<see cref="ChunkRules"/>), 64 lower-case hex digits; there exactly when the zip is cut.</summary>
    public string? ChunkRoot { get; init; }

    /// <summary>Where <c>go</c> found the module: <c>git https://… refs/tags/v1.0.0 COMMIT</c>; null when unknown.</summary>
    public string? Origin { get; init; }

    /// <summary>
    /// The rest of the observed (or vouched) line: <c>2026-11-20T16:56:00Z direct go1.23.5</c>. It begins with a time, UTC, in seconds, and has
    /// at least one more word.
    /// </summary>
    public required string Provenance { get; init; }

    /// <summary>The node has the bytes from another member on that member's record, and did not observe them itself.</summary>
    public bool IsVouched { get; init; }

    /// <summary>
    /// Lines that this version of the node does not know, each ending in LF, kept as they are. They begin with a small word without
    /// dots, so that none can pass for a hash line: <c>go</c> takes every line of a record that has path and version.
    /// </summary>
    public string Further { get; init; } = "";

    /// <summary>It has a salt line: its node takes the module for private.</summary>
    public bool IsPrivate => Further.StartsWith(Salt, StringComparison.Ordinal) || Further.Contains("\n" + Salt, StringComparison.Ordinal);

    /// <summary>Reads a record, or says in one sentence why the text is none.</summary>
    public static ModuleRecord? Parse(string text, out string? reason) => new ModuleRecordReader(text).Read(out reason);

    /// <summary>The text, which <see cref="Parse"/> reads back to an equal record.</summary>
    /// <exception cref="InvalidOperationException">A part breaks a rule: such a record must not leave the node.</exception>
    public string ToText()
    {
        var text = Write();
        return Parse(text, out var reason) == this ? text : throw new InvalidOperationException($"The record of {Module} cannot be written: {reason}");
    }

    private string Write()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Module.Path} {Module.Version} {ZipHash}\n");
        text.Append(CultureInfo.InvariantCulture, $"{Module.Path} {Module.Version}/go.mod {ModHash}\n");
        text.Append(CultureInfo.InvariantCulture, $"zip sha256:{Zip.Sha256} {Zip.Size}");
        text.Append(ChunkRoot is null ? "\n" : $" chunks:{ChunkRoot}\n");
        text.Append(CultureInfo.InvariantCulture, $"info sha256:{Info.Sha256} {Info.Size}\n");
        if (Origin is not null)
        {
            text.Append("origin ").Append(Origin).Append('\n');
        }

        return text.Append(IsVouched ? "vouched " : "observed ").Append(Provenance).Append('\n').Append(Further).ToString();
    }
}
