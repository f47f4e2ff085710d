using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Cli;

/// <summary>Prints the public halves of the node's keys for a person, one a line.</summary>
internal static class KeyVerbs
{
    public static int Show(NodeKeys keys)
    {
        Console.Out.WriteLine($"identity {PeerKey.Of(keys.Identity.PublicKey.Span)}");
        Console.Out.WriteLine($"log      {keys.Log.Verifier}");
        Console.Out.WriteLine($"witness  {keys.Witness.Verifier}");
        return ExitCodes.Done;
    }
}
