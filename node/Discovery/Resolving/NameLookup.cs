using System.Net;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery.Resolving;

/// <summary>
/// Asks DNS what the system's own resolver has no call for: texts and services. A stub (RFC 1034 section 5.3.1): it follows nothing by itself but what stands in the
/// name server's one answer, keeps nothing, and checks no DNSSEC.
/// </summary>
internal sealed class NameLookup(NameServers servers, TimeProvider time)
{
    /// <summary>Of one name that are looked at.</summary>
    public const int MaxRecords = 64;

    /// <summary>All together: a person may wait for it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    /// <summary>A packet may be lost; a server that is silent twice is down.</summary>
    private const int Rounds = 2;

    /// <summary>Aliases of aliases.</summary>
    private const int MaxAliases = 8;

    /// <summary>TXT records, the strings of each in one.</summary>
    public Task<Looked<string>> TextsAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(name, DnsType.TXT, static record => record is TXTRecord text ? string.Concat(text.Strings) : null, cancellationToken);

    /// <summary>SRV records (RFC 2782), the first to be tried first: by priority, then the heavier ones.</summary>
    public async Task<Looked<(string Host, ushort Port)>> ServicesAsync(string name, CancellationToken cancellationToken)
    {
        var looked = await AskAsync(name, DnsType.SRV, static record => record as SRVRecord, cancellationToken);
        var services = looked.Values.OrderBy(static one => one.Priority).ThenByDescending(static one => one.Weight)
            .Select(static one => (Host: one.Target.ToString(), one.Port))
            .Where(static one => one.Port > 0 && one.Host.Trim('.').Length > 0)
            .ToList();

        // A target that is the root says that there decidedly is no such service.
        return services.Count == 0 && looked.End == LookupEnd.Found
            ? new(LookupEnd.Absent, [], looked.Ttl, $"{name} says that there is none")
            : new(looked.End, services, looked.Ttl, looked.Reason);
    }

    /// <summary>A and AAAA records, those of IPv4 first.</summary>
    public async Task<Looked<IPAddress>> AddressesAsync(string name, CancellationToken cancellationToken)
    {
        var looked = await Task.WhenAll(new[] { DnsType.A, DnsType.AAAA }.Select(type =>
            AskAsync(name, type, static record => (record as AddressRecord)?.Address, cancellationToken)));
        var worst = Array.Find(looked, static one => one.End == LookupEnd.Failed) ?? looked[0];
        IPAddress[] addresses = [.. looked.SelectMany(static one => one.Values)];
        return addresses.Length > 0
            ? new(LookupEnd.Found, addresses, looked.Where(static one => one.End == LookupEnd.Found).Min(static one => one.Ttl), "")
            : worst;
    }

    private async Task<Looked<T>> AskAsync<T>(string name, DnsType type, Func<ResourceRecord, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        using CancellationTokenSource limit = new(Limit, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var failure = $"{name} was not answered in time";
        try
        {
            foreach (var server in Enumerable.Repeat(servers.Current, Rounds).SelectMany(static all => all))
            {
                var (answer, reason) = await new NameServerCall(server, time).AskAsync(new NameQuery(name, type), ending.Token);
                if (answer is { Status: MessageStatus.NoError or MessageStatus.NameError })
                {
                    return Read(name, type, answer, read);
                }

                failure = answer is null ? reason : $"{server} answers {answer.Status}";
            }
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return new(LookupEnd.Failed, [], TimeSpan.Zero, failure);
    }

    private static Looked<T> Read<T>(string name, DnsType type, Message answer, Func<ResourceRecord, T?> read)
        where T : class
    {
        var records = Of(answer, name, type).Take(MaxRecords).ToList();
        T[] values = [.. records.Select(read).OfType<T>()];
        return values.Length > 0 ? new(LookupEnd.Found, values, records.Min(static record => record.TTL), "")
            : new(LookupEnd.Absent, [], TimeSpan.Zero, answer.Status == MessageStatus.NameError ? $"there is no name {name}" : $"{name} has no {type} records");
    }

    private static List<ResourceRecord> Of(Message answer, DomainName name, DnsType type)
    {
        for (var aliases = 0; aliases <= MaxAliases; aliases++)
        {
            List<ResourceRecord> found = [.. answer.Answers.Where(record => record.Type == type && record.Class == DnsClass.IN && record.Name == name)];
            if (found.Count > 0 || answer.Answers.OfType<CNAMERecord>().FirstOrDefault(alias => alias.Name == name) is not { } next)
            {
                return found;
            }

            name = next.Target;
        }

        return [];
    }
}
