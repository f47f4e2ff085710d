using System.Net;

namespace Makaretu.Dns;

/// <summary>A message that was received.</summary>
public class MessageEventArgs : EventArgs
{
    public Message Message { get; set; } = new();

    /// <summary>Its sender; with the scope of the interface when it came over IPv6.</summary>
    public IPEndPoint RemoteEndPoint { get; set; } = new(IPAddress.None, 0);
}
