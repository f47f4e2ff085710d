using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>A piece of evidence that this node keeps, and what became of it.</summary>
/// <param name="Id">Hex digits: <see cref="Evidence.IdOf"/>.</param>
/// <param name="Kind">Of the evidence.</param>
/// <param name="Module">See <see cref="Finding.Module"/>.</param>
/// <param name="Guilty">See <see cref="Finding.Guilty"/>.</param>
/// <param name="Keys">See <see cref="Finding.Keys"/>.</param>
/// <param name="Sentence">For people.</param>
/// <param name="Matter">See <see cref="Finding.Matter"/>.</param>
/// <param name="Found">When this node first had it.</param>
/// <param name="From">The peer that sent it; empty when this node found it itself.</param>
internal sealed record Incident(
    string Id, EvidenceKind Kind, ModuleVersion? Module, NoteVerifier? Guilty, IReadOnlyList<NoteVerifier> Keys, string Sentence, string Matter, DateTimeOffset Found, string From)
{
    /// <summary>This node trusts every key that it rests on, or did when it last looked.</summary>
    public bool Concerns { get; init; }

    /// <summary>The decision that ended it; null while it lives.</summary>
    public Clearance? Cleared { get; init; }

    /// <summary>Records of the guilty log below this number may still be used: of a revoked one those before, as the last line of its matter says; else none.</summary>
    public long UsableBelow => Kind == EvidenceKind.RevokedLog && StrictNumber.TryParse(Matter.TrimEnd('\n').Split('\n')[^1], out var from) ? from : 0;

    /// <summary>What may not be used while it lives, for people.</summary>
    public string Subject => Guilty is not { } log ? $"module {Module}"
        : Kind == EvidenceKind.RevokedLog ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"log {log.Name} from record {UsableBelow} on")
        : $"log {log.Name}";

    public static Incident Of(ReadOnlySpan<byte> evidence, Finding finding, DateTimeOffset found, string from) => new(
        Evidence.IdOf(evidence), finding.Kind, finding.Module, finding.Guilty, finding.Keys, finding.Sentence, finding.Matter, found, from);
}

/// <summary>A person's decision that a quarantine ends.</summary>
/// <param name="By">The user of the operating system.</param>
/// <param name="At">When.</param>
/// <param name="Because">In that person's words.</param>
internal sealed record Clearance(string By, DateTimeOffset At, string Because);
