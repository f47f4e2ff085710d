using System.Globalization;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.LogKeys;

/// <summary>
/// A node's word, signed by its identity key, that a former log key of its own is in other hands: what that key alone signed from a record on is not the node's.
/// </summary>
/// <param name="Log">The key.</param>
/// <param name="From">The first record that does not count.</param>
internal sealed record LogRevocation(NoteVerifier Log, long From)
{
    private const string FirstLine = "athens.federation/log-revocation/v1";

    public SignedNote Sign(SigningKey identity) => SignedNote.Parse(
        SignedNote.Sign(string.Create(CultureInfo.InvariantCulture, $"{FirstLine}\nlog {Log}\nfrom {From}\n"), identity), out _)!;

    /// <summary>What a note says; null when it is no revocation. Who signed it is for the caller.</summary>
    public static LogRevocation? Read(SignedNote note) =>
        note.Text.Split('\n') is [FirstLine, ['l', 'o', 'g', ' ', .. var log], ['f', 'r', 'o', 'm', ' ', .. var from], ""]
        && NoteVerifier.Parse(log, out _) is { } key
        && StrictNumber.TryParse(from, out var number)
            ? new LogRevocation(key, number)
            : null;
}
