using System.Globalization;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Cli;

/// <summary>Prints the public halves of the node's keys for a person, one a line.</summary>
internal static class KeyVerbs
{
    /// <param name="keys">The node's.</param>
    /// <param name="isLogKept">False: the log key in use is another one at every start.</param>
    public static int Show(NodeKeys keys, bool isLogKept)
    {
        Console.Out.WriteLine($"identity {PeerKey.Of(keys.Identity.PublicKey.Span)}");
        Console.Out.WriteLine(isLogKept ? $"log      {keys.Log.Verifier}" : "log      another one at every start: [storage] kind = \"memory\"");
        if (keys.Rotation is { } rotation)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"former   {rotation.From}, of the log's first {rotation.At.Size} records"));
        }

        Console.Out.WriteLine($"witness  {CosignatureVerifier.Of(keys.Witness)}");
        return ExitCodes.Done;
    }

    /// <summary>The value of GOSUMDB alone, to be pasted or used as <c>$(athens key gosumdb)</c>.</summary>
    public static int ShowGoSumDb(NodeKeys keys, bool isLogKept)
    {
        if (!isLogKept)
        {
            Console.Error.WriteLine("athens: with [storage] kind = \"memory\" the log and its key end with the process; only a node that stores on disk is a checksum database to keep");
            return ExitCodes.CouldNot;
        }

        Console.Out.WriteLine(keys.Log.Verifier);
        return ExitCodes.Done;
    }
}
