using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary>How a person types what makes a node a peer. By the key: a name on the LAN may be somebody else's a moment later.</summary>
/// <param name="program">The command, as it can be typed on this machine.</param>
/// <param name="flags">What it takes besides, such as the data folder; empty for nothing.</param>
internal sealed class PinWords(string program, string flags)
{
    /// <summary>On this machine.</summary>
    public string Here(PeerKey key) => $"{program} peers pin {key}{(flags.Length > 0 ? " " + flags : "")}";

    /// <summary>On another, whose program and folder nobody knows here.</summary>
    public static string There(PeerKey key) => $"athens peers pin {key}";
}
