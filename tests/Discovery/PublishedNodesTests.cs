using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Node.Discovery.Resolving;
using Athens.Federation.Tests.Federation.Peers;
using Athens.Federation.Tests.Integration;
using Makaretu.Dns;
using Microsoft.Extensions.Logging.Abstractions;
using static Athens.Federation.Tests.Discovery.ScriptedNameServer;

namespace Athens.Federation.Tests.Discovery;

/// <summary>What a domain's records make of the nodes that are known, and when they are looked up again. (Waits take a part of their time here.)</summary>
public sealed class PublishedNodesTests
{
    private const string Service = "_athens-pool._tcp.corp.example";

    private readonly ShortenedTime time = new();

    [Theory]
    [InlineData(5, 60)]
    [InlineData(600, 600)]
    [InlineData(86_400, 3600)]
    public async Task Records_are_looked_up_again_when_they_end_within_bounds(int ttl, int expected)
    {
        using ScriptedNameServer server = new(query => [Zone(query, TimeSpan.FromSeconds(ttl)).ToByteArray()]);
        using var nodes = await StartAsync(server);
        await UntilAsync(() => time.Waits.Contains(TimeSpan.FromSeconds(expected)));
        Assert.Equal(["192.0.2.1:3443", "192.0.2.2:3444"], nodes.Current.Select(static one => one.ToString()));
        await nodes.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task What_was_known_stays_while_nobody_answers_and_goes_when_the_records_are_gone()
    {
        var state = MessageStatus.NoError;
        using ScriptedNameServer server = new(query =>
        {
            var answer = state == MessageStatus.NoError ? Zone(query, TimeSpan.FromSeconds(60)) : Answer(query);
            answer.Status = state;
            return [answer.ToByteArray()];
        });
        using var nodes = await StartAsync(server);
        await UntilAsync(() => nodes.Current.Count == 2);
        state = MessageStatus.ServerFailure;
        await UntilAsync(() => time.Waits.Contains(TimeSpan.FromSeconds(120)));
        Assert.Equal(2, nodes.Current.Count);

        var changes = 0;
        nodes.Changed += () => changes++;
        state = MessageStatus.NameError;
        await UntilAsync(() => nodes.Current.Count == 0);
        await UntilAsync(() => time.Waits.Contains(TimeSpan.FromMinutes(5)));
        Assert.Equal(1, changes);
        await nodes.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_zone_that_names_very_many_is_followed_as_far_as_its_bounds_and_useless_addresses_are_left_out()
    {
        string[] useless = ["0.0.0.0", "255.255.255.255", "224.0.0.251", "192.0.2.1"];
        using ScriptedNameServer server = new(
            static query => [With(query)],
            query => Framed((query.Questions[0].Type switch
            {
                DnsType.SRV => Answer(query, [.. Enumerable.Range(0, 100).Select(static i => new SRVRecord { Name = Service, Target = $"h{i}.corp.example", Port = 3443 })]),
                DnsType.A => Answer(query, [.. useless.Concat(Enumerable.Range(10, 50).Select(static i => $"198.51.100.{i}")).Select(address => AddressRecord.Create(query.Questions[0].Name, IPAddress.Parse(address)))]),
                _ => Answer(query),
            }).ToByteArray()));
        using var nodes = await StartAsync(server);
        await UntilAsync(() => nodes.Current.Count > 0);
        Assert.Equal(PublishedNodes.MaxEndpoints, nodes.Current.Count);
        Assert.Equal("192.0.2.1:3443", nodes.Current[0].ToString());
        await nodes.StopAsync(CancellationToken.None);
    }

    private static byte[] With(Message query)
    {
        var answer = Answer(query);
        answer.TC = true;
        return answer.ToByteArray();
    }

    private static Message Zone(Message query, TimeSpan ttl)
    {
        var (name, type) = (query.Questions[0].Name, query.Questions[0].Type);
        ResourceRecord[] records =
        [
            new SRVRecord { Name = Service, Target = "b.corp.example", Port = 3444, Priority = 2, TTL = ttl },
            new SRVRecord { Name = Service, Target = "a.corp.example", Port = 3443, Priority = 1, TTL = ttl },
            new ARecord { Name = "a.corp.example", Address = IPAddress.Parse("192.0.2.1"), TTL = ttl },
            new ARecord { Name = "b.corp.example", Address = IPAddress.Parse("192.0.2.2"), TTL = ttl },
        ];
        return Answer(query, Array.FindAll(records, record => record.Name == name && record.Type == type));
    }

    private async Task<PublishedNodes> StartAsync(ScriptedNameServer server)
    {
        PublishedNodes nodes = new("corp.example", new NameLookup(new NameServers(server.Address), TimeProvider.System), time, NullLogger<PublishedNodes>.Instance);
        await nodes.StartAsync(CancellationToken.None);
        return nodes;
    }

    private static async Task UntilAsync(Func<bool> isSo) => Assert.True(await ShortPause.UntilAsync(() => Task.FromResult(isSo()), static so => so));
}
