using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Incidents;

/// <summary>Reads the parts of an evidence file in their order. The first that is not what it should be is remembered as the reason; what follows then reads as null.</summary>
internal sealed class EvidenceFields(IReadOnlyList<EvidenceField> fields)
{
    private int at;

    /// <summary>What is wrong, in one sentence; null while nothing is.</summary>
    public string? Reason { get; private set; }

    /// <summary>Whether the next part has this name.</summary>
    public bool Has(string name) => at < fields.Count && fields[at].Name == name;

    public NoteVerifier? Key(string name)
    {
        var key = Next(name) is { } field ? NoteVerifier.Parse(field.Value, out var reason) ?? Fail<NoteVerifier>(reason!) : null;
        return key;
    }

    /// <summary>A note signed by a key.</summary>
    public SignedNote? Note(string name, NoteVerifier? log)
    {
        if (log is null || Next(name) is not { } field)
        {
            return null;
        }

        return SignedNote.Parse(Encoding.UTF8.GetBytes(field.Text), out var reason) is not { } note ? Fail<SignedNote>(reason!)
            : note.IsSignedBy(log) ? note
            : Fail<SignedNote>($"the {name} is not signed by {log}");
    }

    public string? Text(string name) => Next(name)?.Text;

    public long? Number(string name)
    {
        if (Next(name) is not { } field)
        {
            return null;
        }

        if (StrictNumber.TryParse(field.Value, out var number))
        {
            return number;
        }

        Fail<object>($"the {name} is not a decimal number");
        return null;
    }

    /// <summary>Hashes, one a line; none when there is no such part.</summary>
    public IReadOnlyList<MerkleHash> Hashes(string name, int most)
    {
        if (!Has(name) || Next(name) is not { } field)
        {
            return [];
        }

        string[] lines = field.Text.Length == 0 ? [] : field.Text[..^1].Split('\n', most + 2);
        var hashes = new MerkleHash[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines.Length > most || !MerkleHash.TryParse(lines[i], out hashes[i]))
            {
                Fail<object>($"the {name} is not at most {most} hashes in base64, one a line");
                return [];
            }
        }

        return hashes;
    }

    public T? Fail<T>(string reason)
        where T : class
    {
        Reason ??= reason;
        return null;
    }

    private EvidenceField? Next(string name)
    {
        if (Reason is null && Has(name))
        {
            return fields[at++];
        }

        return Fail<EvidenceField>($"the evidence has no \"{name}\" where it belongs");
    }
}
