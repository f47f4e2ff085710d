using System.Globalization;
using System.Text.Json;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Retrieval.Records;

/// <summary>
/// What this node's facts of a module version are as a record: only what it knows, in one spelling. The same facts always make the same record, so
/// that what a peer is told and what is in the log never differ.
/// </summary>
internal static class RecordOf
{
    /// <summary>Characters of the origin line: with longest path and version a record then stays under its 8 KiB.</summary>
    private const int MaxOrigin = 2 << 10;

    /// <param name="facts">Of a held module version.</param>
    /// <param name="chunks">SHA-256 of each chunk of its zip, one after the other; empty when it is not cut.</param>
    /// <param name="salt">Of a private record, 32 hex digits; null for others.</param>
    public static ModuleRecord Facts(ModuleFacts facts, ReadOnlySpan<byte> chunks, string? salt)
    {
        Origin? origin = ReadOrigin(facts.Origin);
        bool observed = string.Equals(facts.Source, AnswerSource.Upstream, StringComparison.Ordinal);
        return new ModuleRecord
        {
            Module = facts.Module,
            ZipHash = facts.ZipHash,
            ModHash = facts.ModHash,
            Zip = new RecordedFile(facts.Zip.Sha256, facts.Zip.Size),
            Info = new RecordedFile(facts.Info.Sha256, facts.Info.Size),
            ChunkRoot = chunks.IsEmpty ? null : ChunkRules.RootOf(chunks),
            Origin = origin?.Line(),
            Provenance = $"{Time(facts.StoredAt)} {(observed ? HowObserved(facts, origin) : HowVouched(facts))}",
            IsVouched = !observed,
            Further = salt is null ? "" : $"salt {salt}\n",
        };
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    // A commit means that go went to the repository itself. Without one a proxy may have stood between; which, nobody noted.
    private static string HowObserved(ModuleFacts facts, Origin? origin)
    {
        string how = origin?.Hash.Length > 0 ? "direct" : "upstream";
        return IsWord(facts.GoVersion) ? $"{how} {facts.GoVersion}" : how;
    }

    // Of a peer's record there is no number to refer to before nodes keep logs, and a peer's name here is nobody else's business.
    private static string HowVouched(ModuleFacts facts) =>
        facts.Source.StartsWith("peer:", StringComparison.Ordinal) ? "peer" : "import";

    private static Origin? ReadOrigin(string? json)
    {
        if (json is null)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            return new Origin(Member(root, "VCS"), Member(root, "URL"), Member(root, "Ref"), Member(root, "Hash"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: no object, or a string that is no valid Unicode.
            return null;
        }
    }

    private static string Member(JsonElement origin, string name) =>
        origin.TryGetProperty(name, out JsonElement member) && member.ValueKind == JsonValueKind.String ? member.GetString()! : "";

    private static bool IsWord(string text) =>
        text.Length > 0 && !text.Contains(' ', StringComparison.Ordinal) && RecordSyntax.IsPlain(text);

    private sealed record Origin(string Vcs, string Url, string Ref, string Hash)
    {
        /// <summary>Null when there is too little to tell, or something that does not fit one line.</summary>
        public string? Line()
        {
            string[] words = [Vcs, Url, .. new[] { Ref, Hash }.Where(static word => word.Length > 0)];
            string line = string.Join(' ', words);
            return words.All(IsWord) && line.Length <= MaxOrigin ? line : null;
        }
    }
}
