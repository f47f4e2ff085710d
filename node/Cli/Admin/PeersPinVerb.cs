using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Neighbours;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens peers pin</c>: a person says that the node with a key is a peer.</summary>
internal sealed class PeersPinVerb(Pins pins, SeenNeighbours seen, PeerTable table) : IAdminVerb
{
    private const int DefaultPort = 3443;

    public string Name => "peers pin";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken) => new(Run(request));

    private AdminAnswer Run(AdminRequest request)
    {
        if (Find(request.Words[0], out var instance, out var problem) is not { } key)
        {
            return new AdminAnswer(ExitCodes.CouldNot, problem!);
        }

        if (key == table.Own)
        {
            return new AdminAnswer(ExitCodes.WrongUse, "that is this node's own key: pin it on the other node");
        }

        if (!Enum.TryParse<PeerTrust>(request.Options.GetValueOrDefault("trust", "observe"), ignoreCase: true, out var trust) || !Enum.IsDefined(trust))
        {
            return new AdminAnswer(ExitCodes.WrongUse, "--trust is observe or none");
        }

        var stranger = seen.Current.FirstOrDefault(one => one.Key == key);
        var before = pins.All.FirstOrDefault(pin => pin.Key == key);
        var name = request.Options.GetValueOrDefault("name") ?? before?.Name ?? instance ?? stranger?.Instance ?? OwnInstance.Name(key.Bytes.Span);
        if (!Pin.IsName(name))
        {
            return new AdminAnswer(ExitCodes.WrongUse, $"--name is 1 to {Pin.MaxName} letters, digits, hyphens, dots and underscores, with a letter or digit at both ends");
        }

        var endpoint = request.Options.TryGetValue("endpoint", out var given) ? Endpoint(given) : Endpoint(stranger) ?? before?.Endpoint ?? "";
        if (endpoint is null)
        {
            return new AdminAnswer(ExitCodes.WrongUse, "--endpoint is HOST:PORT");
        }

        var pin = new Pin(name, key, endpoint, trust);
        return pins.Add(pin) is { } refusal
            ? new AdminAnswer(ExitCodes.CouldNot, refusal)
            : new AdminAnswer(ExitCodes.Done, Said(pin), PinText.ToJson(pin));
    }

    private string Said(Pin pin) =>
        $"{pin.Name} ({pin.Key}) is a peer from now on{(pin.Trust == PeerTrust.Observe ? ", and what it has observed counts" : ", for bytes that are proven otherwise")}.\n"
        + $"It lets this node in when it has it as a peer too; there: {PinWords.There(table.Own)}";

    /// <summary>
    /// A name is taken for who has proven its key, and only when it is the one that goes with that key: else somebody who takes another's name would be pinned in
    /// its place.
    /// </summary>
    private PeerKey? Find(string who, out string? instance, out string? problem)
    {
        instance = null;
        if (who.Contains(':', StringComparison.Ordinal))
        {
            return PeerKey.TryParse(who, out var key, out problem) ? key : null;
        }

        problem = null;
        if (seen.Current.FirstOrDefault(one => string.Equals(one.Instance, who, StringComparison.OrdinalIgnoreCase)) is { } stranger)
        {
            instance = stranger.Instance;
            problem = $"{who} does not have the name that goes with its key: pin it by the key, {stranger.Key}, when you know that";
            return stranger.Instance.StartsWith(OwnInstance.Name(stranger.Key.Bytes.Span), StringComparison.Ordinal) ? stranger.Key : null;
        }

        if (pins.All.FirstOrDefault(pin => string.Equals(pin.Name, who, StringComparison.OrdinalIgnoreCase)) is { } known)
        {
            return known.Key;
        }

        problem = $"no node {Shown.Text(who)} has proven its key on the LAN: 'athens peers' shows those that have; a key works wherever the node is";
        return null;
    }

    /// <summary>Null when an address of the LAN would mean nothing later (link-local IPv6), or none is known.</summary>
    private static string? Endpoint(SeenNeighbour? stranger) => stranger is null || stranger.Endpoint.Address.IsIPv6LinkLocal ? null : stranger.Endpoint.ToString();

    private static string? Endpoint(string given) =>
        Uri.TryCreate($"https://{given}", UriKind.Absolute, out var uri) && uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" }
            && Uri.CheckHostName(uri.Host.Trim('[', ']')) != UriHostNameType.Unknown
            ? $"{uri.Host}:{(uri.IsDefaultPort && !given.EndsWith(":443", StringComparison.Ordinal) ? DefaultPort : uri.Port)}"
            : null;
}
