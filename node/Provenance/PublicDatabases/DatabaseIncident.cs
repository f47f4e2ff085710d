using System.Text;
using System.Text.Json;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

internal enum DatabaseFault
{
    /// <summary>A head that the database's key did not sign, or that is no head.</summary>
    ForgedHead,

    /// <summary>Two heads signed by the key whose histories differ: only its owner, or a thief, can have made them.</summary>
    Fork,

    /// <summary>Tiles that do not belong to the signed head they were asked for. Speaks against the server, not against the key.</summary>
    BadTile,

    /// <summary>A record that the signed tree does not have at its place, or that is another module's. Speaks against the server.</summary>
    BadRecord,
}

/// <summary>
/// A security failure of a checksum database with all that anybody needs to check it again: the key, the heads as signed, and the hashes that
/// contradict them.
/// </summary>
internal sealed record DatabaseIncident(DatabaseIdentity Database, DatabaseFault Fault, string Reason)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>What was asked.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The head that this node knew.</summary>
    public SignedNote? Known { get; init; }

    /// <summary>The head that was met.</summary>
    public SignedNote? Met { get; init; }

    /// <summary>
    /// Of a fork: the hashes that show which root the larger of the two heads has at the smaller one's size (<see cref="PrefixProof"/>); none
    /// when the sizes are equal.
    /// </summary>
    public IReadOnlyList<MerkleHash> Proof { get; init; } = [];

    /// <summary>Tiles that were believed to belong to a head, and do not.</summary>
    public IReadOnlyList<TileContent> Tiles { get; init; } = [];

    /// <summary>The answer as it came.</summary>
    public ReadOnlyMemory<byte> Answer { get; init; }

    /// <summary>The incident as JSON. The same incident has the same text, whenever it is met.</summary>
    public byte[] ToJson()
    {
        var fields = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["incident"] = Fault switch
            {
                DatabaseFault.ForgedHead => "checksum-database-forged-head",
                DatabaseFault.Fork => "checksum-database-fork",
                DatabaseFault.BadTile => "checksum-database-bad-tile",
                _ => "checksum-database-bad-record",
            },
            ["reason"] = Reason,
            ["database"] = Database.Name,
            ["key"] = Database.Key.ToString(),
            ["address"] = Database.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped),
            ["resource"] = Resource,
        };
        Add(fields, "known_head", Known);
        Add(fields, "met_head", Met);
        if (Proof.Count > 0)
        {
            fields["prefix_proof"] = Proof.Select(hash => hash.ToString()).ToArray();
        }

        if (Tiles.Count > 0)
        {
            fields["tiles"] = Tiles.Select(tile => new { path = TilePath.FormatGo(tile.Tile), hashes = Convert.ToBase64String(tile.Bytes.Span) }).ToArray();
        }

        if (!Answer.IsEmpty)
        {
            fields["answer"] = Convert.ToBase64String(Answer.Span);
        }

        return JsonSerializer.SerializeToUtf8Bytes(fields, Readable);
    }

    private static void Add(Dictionary<string, object> fields, string name, SignedNote? note)
    {
        if (note is not null)
        {
            fields[name] = Encoding.UTF8.GetString(note.ToBytes());
        }
    }
}
