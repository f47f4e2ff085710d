using System.CommandLine;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>How <c>athens peers</c> and its verbs are typed.</summary>
internal static class PeersCommand
{
    private static readonly Argument<string> Who = new("KEY|NAME") { Description = "its key (ed25519:...), or its name as athens peers shows it" };

    public static NodeVerb List => new("peers", "List the peers, and the nodes seen on the LAN that are none, while the node runs.");

    public static IReadOnlyList<NodeVerb> Verbs =>
    [
        new("peers pin", "Make a node a peer, at once and for good. It must do the same with this one.")
        {
            Words = [Who],
            Options =
            [
                new Option<string?>("--name") { Description = "what to call it [its name on the LAN]", HelpName = "NAME" },
                new Option<string?>("--trust") { Description = "observe: what it has seen upstream counts; none: only bytes that are proven otherwise [observe]", HelpName = "observe|none" },
                new Option<string?>("--endpoint") { Description = "where it is, when it is not on the LAN", HelpName = "HOST:PORT" },
            ],
        },
        new("peers unpin", "Take back what athens peers pin did.") { Words = [Who] },
    ];
}
