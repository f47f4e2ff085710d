using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery;

/// <summary>
/// What this node tells the LAN of itself. Its name is made of its identity key: neither the machine's nor the organization's name has any business on a wire that
/// everybody in a café can read.
/// </summary>
/// <param name="key">The identity key, 32 bytes.</param>
/// <param name="reached">Where peers connect to.</param>
internal sealed class OwnInstance(ReadOnlyMemory<byte> key, IPEndPoint reached)
{
    public const string Service = "_athens-pool._tcp";

    private const int HashDigits = 8;

    /// <summary>RFC 6762 section 10: what names a host changes when the host moves, the rest hardly ever.</summary>
    private static readonly TimeSpan HostTtl = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan TextTtl = TimeSpan.FromMinutes(75);

    /// <summary>Guards the filling in; the service may rename the instance meanwhile.</summary>
    private readonly Lock gate = new();

    public ServiceProfile Profile { get; } = New(Name(key.Span));

    /// <summary>Whether anybody on a LAN can reach it.</summary>
    public bool IsReachable => !IPAddress.IsLoopback(reached.Address);

    public static string Name(ReadOnlySpan<byte> key) => "athens-" + Convert.ToHexStringLower(SHA256.HashData(key))[..HashDigits];

    /// <summary>Fills in the records anew, with the addresses that this machine has now.</summary>
    public void Fill(string poolTag, IEnumerable<IPAddress> addresses)
    {
        lock (gate)
        {
            DomainName instance, host;
            do
            {
                (instance, host) = (Profile.FullyQualifiedName, Profile.HostName);
                Profile.Resources =
                [
                    new SRVRecord { Name = instance, Target = host, Port = (ushort)reached.Port, TTL = HostTtl },
                    new TXTRecord { Name = instance, Strings = new ServiceText(key, poolTag).ToStrings(), TTL = TextTtl },
                    .. addresses.Where(Serves).Select(address => Address(host, address)),
                ];
            }
            while (instance != Profile.FullyQualifiedName || host != Profile.HostName);
        }
    }

    private static ServiceProfile New(string name) => new()
    {
        InstanceName = new DomainName([name]),
        ServiceName = new DomainName(Service),
        HostName = new DomainName([name, "local"]),
    };

    private static AddressRecord Address(DomainName host, IPAddress address)
    {
        var record = AddressRecord.Create(host, address);
        record.TTL = HostTtl;
        return record;
    }

    private bool Serves(IPAddress address) =>
        !IPAddress.IsLoopback(address)
        && (reached.Address.Equals(address)
            || reached.Address.Equals(IPAddress.IPv6Any)
            || (reached.Address.Equals(IPAddress.Any) && address.AddressFamily == AddressFamily.InterNetwork));
}
