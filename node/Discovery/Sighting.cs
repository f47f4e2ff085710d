using System.Net;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery;

/// <summary>What is known of one instance of the service.</summary>
/// <param name="name">The instance's full name.</param>
/// <param name="source">Who told of it first.</param>
/// <param name="seen">When, in milliseconds.</param>
internal sealed class Sighting(DomainName name, IPAddress source, long seen)
{
    /// <summary>What was not told along with the name is asked for at these times after it.</summary>
    private static readonly long[] MissingAt = [100, 1100, 4000, 12_000];

    private int missingAsked;

    public DomainName Name => name;

    public IPAddress Source => source;

    /// <summary>That there is such an instance.</summary>
    public required Held<DomainName> Pointer { get; set; }

    public Held<(DomainName Host, ushort Port)>? Service { get; set; }

    public Held<ServiceText?>? Text { get; set; }

    /// <summary>When something of it is to be asked for; the addresses apart.</summary>
    public long NextAsk(bool hasAddress) => Math.Min(
        Math.Min(Service?.NextAsk ?? long.MaxValue, Text?.NextAsk ?? long.MaxValue),
        Service is not null && Text is not null && hasAddress || missingAsked >= MissingAt.Length ? long.MaxValue : seen + MissingAt[missingAsked]);

    /// <summary>What is to be asked for now; noted as asked.</summary>
    public IEnumerable<DnsType> Ask(long now, bool hasAddress)
    {
        var isMissing = missingAsked < MissingAt.Length && now >= seen + MissingAt[missingAsked] && (Service is null || Text is null || !hasAddress);
        missingAsked += isMissing ? 1 : 0;
        if ((isMissing && (Service is null || !hasAddress)) || Service?.NextAsk <= now)
        {
            Service = Service is { } service ? service with { Asked = service.Asked + (service.NextAsk <= now ? 1 : 0) } : null;
            yield return DnsType.SRV;
        }

        if ((isMissing && Text is null) || Text?.NextAsk <= now)
        {
            Text = Text is { } text ? text with { Asked = text.Asked + (text.NextAsk <= now ? 1 : 0) } : null;
            yield return DnsType.TXT;
        }
    }
}
