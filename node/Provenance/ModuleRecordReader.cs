using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Provenance;

/// <summary>Reads the text of one record, which may be anybody's: one order of lines, one spelling of each, everything bounded.</summary>
internal sealed class ModuleRecordReader(string text)
{
    /// <summary>Words of known lines: further lines may not repeat them.</summary>
    private static readonly string[] KnownWords = ["zip", "info", "origin", "observed", "vouched"];

    private string[] lines = [];
    private int at;

    public ModuleRecord? Read(out string? reason)
    {
        reason = CheckShape();
        if (reason is not null)
        {
            return null;
        }

        lines = text[..^1].Split('\n');
        var record = ReadModule(out reason);
        reason ??= record is null ? "the record is incomplete" : null;
        return reason is null ? record : null;
    }

    private string? CheckShape()
    {
        if (text.Length > ModuleRecord.MaxLength || Encoding.UTF8.GetByteCount(text) > ModuleRecord.MaxLength)
        {
            return $"the record is longer than {ModuleRecord.MaxLength} bytes";
        }

        if (!text.EndsWith('\n'))
        {
            return "the record does not end in a line end";
        }

        foreach (var range in text.AsSpan(0, text.Length - 1).Split('\n'))
        {
            var line = text.AsSpan(range);
            if (!RecordSyntax.IsSpaced(line) || !RecordSyntax.IsPlain(line))
            {
                return "the record has a blank line, a stray blank or a control character";
            }
        }

        return null;
    }

    private ModuleRecord? ReadModule(out string? reason)
    {
        reason = "the record does not begin with the hash lines of a zip and its go.mod";
        if (lines.Length < 2 || lines[0].Split(' ') is not [var path, var version, var zipHash]
            || lines[1].Split(' ') is not [var modPath, var modVersion, var modHash]
            || modPath != path || modVersion != version + "/go.mod" || !RecordSyntax.IsH1(zipHash) || !RecordSyntax.IsH1(modHash))
        {
            return null;
        }

        at = 2;
        return ModuleVersion.Create(path, version, out reason) is not { } module ? null : ReadFiles(module, zipHash, modHash, out reason);
    }

    private ModuleRecord? ReadFiles(ModuleVersion module, string zipHash, string modHash, out string? reason)
    {
        var zip = ReadFile("zip", ModuleRecord.MaxZip, out var extra);
        var info = ReadFile("info", ModuleRecord.MaxInfo, out var noExtra);
        if (zip is null || info is null || noExtra is not null)
        {
            reason = "the record's lines of the zip and the info are not \"zip sha256:HEX BYTES\" and \"info sha256:HEX BYTES\"";
            return null;
        }

        var chunkRoot = ReadChunkRoot(extra);
        if ((extra is not null && chunkRoot is null) || chunkRoot is not null != ChunkRules.Count(zip.Size) > 0)
        {
            reason = "the record has chunks for a zip that is not cut, has none for one that is, or does not write them \"chunks:HEX\"";
            return null;
        }

        var origin = ReadRest("origin");
        var observed = ReadRest("observed");
        var provenance = observed ?? ReadRest("vouched");
        if (provenance is null || !RecordSyntax.IsProvenance(provenance))
        {
            reason = "the record does not say when and how the module was observed";
            return null;
        }

        reason = CheckFurther();
        return new ModuleRecord
        {
            Module = module,
            ZipHash = zipHash,
            ModHash = modHash,
            Zip = zip,
            Info = info,
            ChunkRoot = chunkRoot,
            Origin = origin,
            Provenance = provenance,
            IsVouched = observed is null,
            Further = string.Concat(lines.Skip(at).Select(line => line + "\n")),
        };
    }

    private RecordedFile? ReadFile(string word, long most, out string? extra)
    {
        var parts = ReadRest(word)?.Split(' ') ?? [];
        extra = parts.Length == 3 ? parts[2] : null;
        return parts.Length is 2 or 3
            && parts[0].StartsWith("sha256:", StringComparison.Ordinal)
            && RecordSyntax.IsSha256(parts[0].AsSpan(7))
            && RecordSyntax.TryParseSize(parts[1], most, out var size)
                ? new RecordedFile(parts[0][7..], size)
                : null;
    }

    private static string? ReadChunkRoot(string? part) =>
        part is not null && part.StartsWith("chunks:", StringComparison.Ordinal) && RecordSyntax.IsSha256(part.AsSpan(7)) ? part[7..] : null;

    /// <summary>What stands behind the word on the next line, and goes on; null when the next line is another one.</summary>
    private string? ReadRest(string word) =>
        at < lines.Length && lines[at].StartsWith(word, StringComparison.Ordinal) && lines[at].Length > word.Length + 1 && lines[at][word.Length] == ' '
            ? lines[at++][(word.Length + 1)..]
            : null;

    private string? CheckFurther()
    {
        if (lines.Length - at > ModuleRecord.MaxFurtherLines)
        {
            return $"the record has more than {ModuleRecord.MaxFurtherLines} further lines";
        }

        foreach (var line in lines.AsSpan(at))
        {
            var word = line.Split(' ', 2)[0];
            if (!RecordSyntax.IsWord(word) || KnownWords.Contains(word, StringComparer.Ordinal))
            {
                return $"the record has a line that has no place there: \"{Shown.Text(line)}\"";
            }
        }

        return null;
    }
}
