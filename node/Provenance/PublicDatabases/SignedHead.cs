using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>A head of a checksum database whose signature was checked.</summary>
/// <param name="Note">As it was signed, with whatever other signatures it came with.</param>
/// <param name="Tree">What it says.</param>
internal sealed record SignedHead(SignedNote Note, TreeHead Tree)
{
    /// <summary>Checks a note by the database's key.</summary>
    /// <exception cref="DatabaseMisbehavedException">The key did not sign it, or it signed what is no head.</exception>
    public static SignedHead Of(SignedNote note, DatabaseIdentity database, string resource)
    {
        if (!note.IsSignedBy(database.Key))
        {
            throw Forged($"a head of {database.Name} is not signed by its key");
        }

        return GoTreeHead.Parse(note.Text, out var reason) is { } tree
            ? new SignedHead(note, tree)
            : throw Forged($"the key of {database.Name} signed what is no head: {reason}");

        DatabaseMisbehavedException Forged(string why) =>
            new(new DatabaseIncident(database, DatabaseFault.ForgedHead, why) { Resource = resource, Met = note });
    }

    public byte[] ToBytes() => Note.ToBytes();
}
