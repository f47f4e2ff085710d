using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>The peers that a person has named with <c>athens peers pin</c>. Thread-safe.</summary>
internal sealed class Pins
{
    private readonly PinFile file;
    private readonly PeerList peers;

    // Guards the list together with the file.
    private readonly Lock gate = new();
    private IReadOnlyList<Pin> all = [];
    private string? fault;

    public Pins(string dataFolder, PeerList peers, ILogger<Pins> logger)
    {
        file = new PinFile(Path.Combine(dataFolder, "pins.json"));
        this.peers = peers;
        try
        {
            all = file.Read();
            Apply();
        }
        catch (IOException exception)
        {
            // Nobody is trusted by a file that somebody has spoiled, and it is not overwritten either.
            fault = exception.Message;
            logger.PinsUnusable(exception.Message);
        }
    }

    public IReadOnlyList<Pin> All
    {
        get
        {
            lock (gate)
            {
                return all;
            }
        }
    }

    /// <summary>Adds a pin, or puts it in the place of the key's last one; in force and on the disk when this returns. Null, or why not.</summary>
    /// <exception cref="IOException">It could not be written; nothing has changed.</exception>
    public string? Add(Pin pin)
    {
        lock (gate)
        {
            if (fault is not null)
            {
                return fault;
            }

            if (peers.Of(PeerOrigin.Configuration).FirstOrDefault(peer => peer.Key == pin.Key) is { } configured)
            {
                return $"{pin.Key} is the peer {configured.Name} of the configuration file already, which decides what it is worth";
            }

            if (peers.Current.FirstOrDefault(peer => peer.Key != pin.Key && string.Equals(peer.Name, pin.Name, StringComparison.OrdinalIgnoreCase)) is { } other)
            {
                return $"another peer is named {other.Name}: choose one with --name";
            }

            IReadOnlyList<Pin> after = [.. all.Where(one => one.Key != pin.Key), pin];
            if (after.Count > PeerList.MaxPeers)
            {
                return $"there are {PeerList.MaxPeers} pins, and there may not be more";
            }

            Keep(after);
            return null;
        }
    }

    /// <summary>Takes a pin away; null when there is none of this key or name.</summary>
    /// <exception cref="IOException">It could not be written; nothing has changed.</exception>
    public Pin? Remove(string keyOrName)
    {
        lock (gate)
        {
            var gone = all.FirstOrDefault(pin => pin.Key.ToString() == keyOrName || string.Equals(pin.Name, keyOrName, StringComparison.OrdinalIgnoreCase)
                || string.Equals(Discovery.OwnInstance.Name(pin.Key.Bytes.Span), keyOrName, StringComparison.Ordinal));
            if (gone is not null)
            {
                Keep([.. all.Where(pin => pin != gone)]);
            }

            return gone;
        }
    }

    private void Keep(IReadOnlyList<Pin> after)
    {
        file.Write(after);
        all = after;
        Apply();
    }

    private void Apply() => peers.Set(PeerOrigin.Pinned, [.. all.Select(static pin => pin.ToPeer())]);
}
