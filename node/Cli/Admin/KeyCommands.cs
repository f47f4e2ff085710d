using System.CommandLine;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>How the verbs of <c>athens key</c> that a running node carries out are typed.</summary>
internal static class KeyCommands
{
    public const string FromOption = "from";

    public static NodeVerb Revoke => new(
        "key revoke",
        "Tell all peers that the log key before the last rotation is in other hands: what it alone signed from record N on does not count. It cannot be taken back.")
    {
        Options = [new Option<string?>("--" + FromOption) { Description = "the first record that is not this node's own; 'athens key show' tells how many it signed", HelpName = "N", Required = true }],
    };
}
