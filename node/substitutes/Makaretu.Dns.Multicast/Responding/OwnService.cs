using System.Globalization;
using Makaretu.Dns.Links;

namespace Makaretu.Dns.Responding;

/// <summary>A profile that is told to others, and where it is told.</summary>
internal sealed class OwnService(ServiceProfile profile)
{
    /// <summary>So many conflicts in ten seconds, and each further attempt waits (RFC 6762 section 8.1).</summary>
    private const int MostConflicts = 15;

    private const long ConflictsWithin = 10_000;

    private readonly Queue<long> conflicts = [];

    public ServiceProfile Profile => profile;

    public Dictionary<(System.Net.Sockets.AddressFamily Family, int Index), Presence> Presences { get; } = [];

    /// <summary>What is told of it on a link: addresses of other interfaces are left out.</summary>
    public List<OwnRecord> Records(Link link)
    {
        List<OwnRecord> records =
        [
            new(new PTRRecord { Name = ServiceDiscovery.ServiceName, DomainName = profile.QualifiedServiceName }, IsShared: true),
            new(new PTRRecord { Name = profile.QualifiedServiceName, DomainName = profile.FullyQualifiedName }, IsShared: true),
        ];
        records.AddRange(profile.Resources
            .Where(record => record is not AddressRecord address || link.Has(address.Address))
            .Select(static record => new OwnRecord(record, IsShared: false)));
        return records;
    }

    /// <summary>Whether a record that somebody told of one of the unique names is also this machine's, on whichever link.</summary>
    public bool HasSame(ResourceRecord record) => profile.Resources.Exists(own => own.IsSameAs(record));

    /// <summary>Whether this machine claims the name for itself.</summary>
    public bool Claims(DomainName name) => profile.Resources.Exists(own => own.Name == name);

    public bool ClaimsType(ResourceRecord record) => profile.Resources.Exists(own => own.Name == record.Name && own.Type == record.Type);

    /// <summary>Another has the name; takes one with the next number, everywhere. The shared pointers follow by themselves.</summary>
    public void Rename(DomainName name)
    {
        var renamed = new DomainName([Next(name.Labels[0]), .. name.Labels.Skip(1)]);
        if (name == profile.FullyQualifiedName)
        {
            profile.InstanceName = new DomainName([renamed.Labels[0]]);
        }

        if (name == profile.HostName)
        {
            profile.HostName = renamed;
        }

        foreach (var record in profile.Resources)
        {
            record.Name = record.Name == name ? renamed : record.Name;
            if (record is SRVRecord service && service.Target == name)
            {
                service.Target = renamed;
            }
        }
    }

    /// <summary>Notes a conflict; how long to wait before the next attempt, in milliseconds.</summary>
    public long Conflict(long now)
    {
        while (conflicts.TryPeek(out var first) && now - first > ConflictsWithin)
        {
            conflicts.Dequeue();
        }

        if (conflicts.Count >= MostConflicts)
        {
            return ConflictsWithin / 2;
        }

        conflicts.Enqueue(now);
        return 0;
    }

    private static string Next(string label)
    {
        var hyphen = label.LastIndexOf('-');
        var number = 0;
        var isNumbered = hyphen > 0 && label.Length - hyphen <= 4 && int.TryParse(label.AsSpan(hyphen + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 1;

        // After the last number comes the first again: whoever takes every name away must not make them grow past what a label can have.
        return isNumbered ? $"{label[..hyphen]}-{(number < 999 ? number + 1 : 2).ToString(CultureInfo.InvariantCulture)}" : $"{label}-2";
    }
}
