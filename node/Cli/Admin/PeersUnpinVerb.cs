using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Neighbours;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens peers unpin</c>: a person takes a pin back. A peer of the configuration file or of the pool stays one.</summary>
internal sealed class PeersUnpinVerb(Pins pins, PeerList peers) : IAdminVerb
{
    public string Name => "peers unpin";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        var who = request.Words[0];
        if (pins.Remove(who) is not { } gone)
        {
            return new(new AdminAnswer(ExitCodes.CouldNot, $"nothing is pinned as {Shown.Text(who)}: 'athens peers' shows where each peer is from"));
        }

        var stays = peers.Find(gone.Key) is { } other ? $" It is still a peer, from {other.Origin.ToString().ToLowerInvariant()}." : "";
        return new(new AdminAnswer(ExitCodes.Done, $"{gone.Name} ({gone.Key}) is not pinned any more.{stays}", PinText.ToJson(gone)));
    }
}
