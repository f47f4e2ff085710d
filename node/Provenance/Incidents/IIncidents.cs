using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>The proven disagreements that this node knows, and what may not be used because of them until a person clears it.</summary>
internal interface IIncidents
{
    /// <summary>Raised after an incident was added or cleared, on the thread that did so.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: there is one set of incidents, and it is asked for what changed.
    event Action? Changed;
#pragma warning restore MA0046

    /// <summary>
    /// Keeps evidence, durably, tells the operator and the peers, and quarantines what it proves guilty. The same evidence again changes nothing. Evidence
    /// that does not prove what it says is refused.
    /// </summary>
    /// <param name="evidence">A self-contained file, as <c>athens evidence verify</c> reads it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The incident's id; null and nothing kept when the evidence proves nothing.</returns>
    /// <exception cref="IOException">It could not be kept; the quarantine holds until the node ends all the same.</exception>
    ValueTask<string?> ReportAsync(ReadOnlyMemory<byte> evidence, CancellationToken cancellationToken);

    /// <summary>Why bytes of this module version may not be admitted from anywhere, as a sentence that names the incident; null when they may. Quick, no I/O.</summary>
    string? WhyQuarantined(ModuleVersion module);

    /// <summary>Why nothing that this log key signed may be used, as a sentence that names the incident; null when it may. Quick, no I/O.</summary>
    string? WhyQuarantined(NoteVerifier logKey);

    /// <summary>
    /// Records of this log below this number may be used where they are mirrored, whatever <see cref="WhyQuarantined(NoteVerifier)"/> says of what the key signs: all of a log
    /// that is not in quarantine, none of one that is, those before of one whose key was revoked. Quick, no I/O.
    /// </summary>
    long UsableBelow(NoteVerifier logKey) => WhyQuarantined(logKey) is null ? long.MaxValue : 0;
}
