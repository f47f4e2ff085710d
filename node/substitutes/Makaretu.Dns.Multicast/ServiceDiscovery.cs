using Makaretu.Dns.Responding;

namespace Makaretu.Dns;

/// <summary>DNS-based service discovery (RFC 6763) over multicast: tells others of this machine's services.</summary>
public class ServiceDiscovery : IDisposable
{
    /// <summary>Asked for by programs that list what services there are (RFC 6763 section 9).</summary>
    public static readonly DomainName ServiceName = new("_services._dns-sd._udp.local");

    private readonly Responder responder;
    private readonly List<ServiceProfile> profiles = [];

    public ServiceDiscovery(MulticastService mdns)
    {
        Mdns = mdns;
        responder = new Responder(mdns);
    }

    public MulticastService Mdns { get; }

    /// <summary>Answers for the service from now on, once its names are known to be free.</summary>
    public void Advertise(ServiceProfile service)
    {
        lock (profiles)
        {
            if (!profiles.Contains(service))
            {
                profiles.Add(service);
            }
        }

        responder.Announce(service);
    }

    /// <summary>Tells all of the service without being asked, twice, one second apart. After its records have changed.</summary>
    public void Announce(ServiceProfile profile) => responder.Announce(profile);

    /// <summary>Says goodbye for the service, and answers for it no more.</summary>
    public void Unadvertise(ServiceProfile profile)
    {
        lock (profiles)
        {
            profiles.Remove(profile);
        }

        responder.Withdraw(profile);
    }

    /// <summary>Says goodbye for all services.</summary>
    public void Unadvertise()
    {
        ServiceProfile[] all;
        lock (profiles)
        {
            all = [.. profiles];
        }

        Array.ForEach(all, Unadvertise);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            responder.Dispose();
        }
    }
}
