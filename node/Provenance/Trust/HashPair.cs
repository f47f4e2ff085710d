namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>What a module version's zip and go.mod hash to: what all of trust is about.</summary>
/// <param name="Zip">h1 of the zip.</param>
/// <param name="Mod">h1 of the go.mod.</param>
internal sealed record HashPair(string Zip, string Mod)
{
    public override string ToString() => $"{Zip} and {Mod} for its go.mod";
}
