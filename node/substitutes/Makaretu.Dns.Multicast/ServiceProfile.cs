namespace Makaretu.Dns;

/// <summary>
/// One instance of a service, as it is told to others. When another machine has its name the instance, or its host, is renamed in place: the
/// names here and in <see cref="Resources"/> are always those in use.
/// </summary>
public class ServiceProfile
{
    /// <summary>Everything is filled in by the caller.</summary>
    public ServiceProfile()
    {
    }

    public DomainName Domain { get; } = "local";

    /// <summary>Such as <c>_http._tcp</c>.</summary>
    public DomainName ServiceName { get; set; } = new([]);

    /// <summary>One label.</summary>
    public DomainName InstanceName { get; set; } = new([]);

    public DomainName QualifiedServiceName => DomainName.Join(ServiceName, Domain);

    /// <summary>The name that the addresses have.</summary>
    public DomainName HostName { get; set; } = new([]);

    public DomainName FullyQualifiedName => DomainName.Join(InstanceName, ServiceName, Domain);

    /// <summary>SRV, TXT and addresses. Each address is told only on the interface that has it. Replace the list as a whole when it changes.</summary>
    public List<ResourceRecord> Resources { get; set; } = [];
}
