using System.Net.NetworkInformation;

namespace Makaretu.Dns;

/// <summary>Interfaces that came, or came by other addresses.</summary>
public class NetworkInterfaceEventArgs : EventArgs
{
    public IEnumerable<NetworkInterface> NetworkInterfaces { get; set; } = [];
}
