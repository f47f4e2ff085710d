using System.Globalization;
using System.Net;
using Athens.Federation.Node.Discovery;
using Athens.Federation.Tests.Substitutes.MakaretuDnsMulticast;
using Makaretu.Dns;

namespace Athens.Federation.Tests.Discovery;

/// <summary>What a node keeps of what the LAN tells it.</summary>
public sealed class SightingsTests
{
    private static readonly IPEndPoint Sender = new(IPAddress.Parse("10.1.2.3"), 5353);

    private readonly Sightings sightings = new(address => !address.Equals(IPAddress.Parse("8.8.8.8")), new Random(1));

    [Fact]
    public void A_node_is_a_neighbour_once_its_port_its_key_and_an_address_are_known()
    {
        Assert.True(sightings.Take(SomeMessages.Announcement(), Sender, 0));
        var neighbour = Assert.Single(sightings.Neighbours());
        Assert.Equal("athens-1f2e3d4c", neighbour.Instance);
        Assert.Equal([new IPEndPoint(Sender.Address, 3443)], neighbour.Endpoints);
        Assert.Equal(new byte[32], neighbour.ClaimedKey.ToArray());
    }

    [Fact]
    public void Link_local_addresses_count_with_the_interface_on_which_they_were_heard()
    {
        sightings.Take(SomeMessages.Announcement(), new IPEndPoint(IPAddress.Parse("fe80::9%4"), 5353), 0);
        Assert.Equal(["10.1.2.3:3443", "[fe80::1%4]:3443"], Assert.Single(sightings.Neighbours()).Endpoints.Select(endpoint => endpoint.ToString()));
    }

    [Fact]
    public void Addresses_that_are_not_near_are_not_neighbours()
    {
        sightings.Take(SomeMessages.Announcement(address: "8.8.8.8"), Sender, 0);
        Assert.Empty(sightings.Neighbours());
    }

    [Fact]
    public void The_order_of_records_in_a_message_does_not_matter()
    {
        var message = SomeMessages.Announcement();
        message.Answers.Reverse();
        (message.Answers, message.AdditionalRecords) = (message.AdditionalRecords, message.Answers);
        sightings.Take(message, Sender, 0);
        Assert.Single(sightings.Neighbours());
    }

    [Fact]
    public void A_goodbye_counts_after_a_second()
    {
        sightings.Take(SomeMessages.Announcement(), Sender, 0);
        sightings.Take(Goodbye(), Sender, 5000);
        sightings.Expire(5999);
        Assert.Single(sightings.Neighbours());
        Assert.False(sightings.Expire(6000));
        Assert.Empty(sightings.Neighbours());
    }

    [Fact]
    public void A_node_that_is_not_heard_of_any_more_is_gone_when_its_port_expires()
    {
        sightings.Take(SomeMessages.Announcement(), Sender, 0);
        sightings.Expire(119_999);
        Assert.Single(sightings.Neighbours());
        Assert.True(sightings.Expire(120_000));
        Assert.Empty(sightings.Neighbours());
        Assert.Equal(0, sightings.Count);
    }

    [Fact]
    public void What_is_to_be_kept_is_asked_for_at_80_85_90_and_95_percent_of_its_life()
    {
        sightings.Take(SomeMessages.Announcement(), Sender, 0);
        List<long> asked = [];
        for (var now = 0L; now < 120_000; now += 100)
        {
            if (sightings.Questions(now).Exists(question => question.Type == DnsType.SRV))
            {
                asked.Add(now);
            }
        }

        Assert.Equal(4, asked.Count);
        Assert.All(asked.Zip([96_000, 102_000, 108_000, 114_000]), pair => Assert.InRange(pair.First, pair.Second, pair.Second + 2500));
    }

    [Fact]
    public void What_a_pointer_came_without_is_asked_for_a_few_times()
    {
        var pointer = SomeMessages.Announcement();
        pointer.Answers.RemoveRange(2, 2);
        pointer.AdditionalRecords.Clear();
        sightings.Take(pointer, Sender, 0);
        var asked = Enumerable.Range(0, 1000).Select(i => sightings.Questions(i * 100L)).Where(questions => questions.Count > 0).ToList();
        Assert.Equal(4, asked.Count);
        Assert.All(asked, questions => Assert.Equal([DnsType.SRV, DnsType.TXT], questions.Select(question => question.Type)));
    }

    [Fact]
    public void A_node_that_moved_loses_its_old_address_within_a_second()
    {
        sightings.Take(SomeMessages.Announcement(), Sender, 0);
        sightings.Take(SomeMessages.Announcement(address: "10.1.2.4"), Sender, 5000);
        Assert.Equal(2, Assert.Single(sightings.Neighbours()).Endpoints.Count);
        sightings.Expire(6000);
        Assert.Equal([new IPEndPoint(IPAddress.Parse("10.1.2.4"), 3443)], Assert.Single(sightings.Neighbours()).Endpoints);
    }

    [Fact]
    public void Not_more_than_256_are_kept_and_the_loudest_makes_room()
    {
        for (var i = 0; i < 20; i++)
        {
            Flood(i, 100);
        }

        Assert.Equal(Sightings.Most, sightings.Count);
        sightings.Take(SomeMessages.Announcement("athens-quiet"), new IPEndPoint(IPAddress.Parse("10.1.2.99"), 5353), 1);
        Assert.Equal(Sightings.Most, sightings.Count);
        Assert.Contains(sightings.Neighbours(), neighbour => neighbour.Instance == "athens-quiet");
    }

    [Fact]
    public void One_sender_fills_no_more_than_its_share()
    {
        Flood(1, 1000);
        Assert.Equal(Sightings.MostOfOneSource, sightings.Count);
    }

    [Fact]
    public void A_neighbour_has_no_more_than_eight_addresses()
    {
        var message = SomeMessages.Announcement();
        message.AdditionalRecords = [.. Enumerable.Range(1, 200).Select(i => new ARecord { Name = "athens-1f2e3d4c.local", Address = IPAddress.Parse($"10.1.2.{i}") })];
        sightings.Take(message, Sender, 0);
        Assert.Equal(Neighbour.MaxEndpoints, Assert.Single(sightings.Neighbours()).Endpoints.Count);
    }

    [Theory]
    [InlineData("two lines\n")]
    [InlineData("\u001b[31mred")]
    [InlineData("ümlaut")]
    public void Names_that_have_no_business_in_a_log_are_no_instances(string instance)
    {
        sightings.Take(SomeMessages.Announcement(instance), Sender, 0);
        Assert.Equal(0, sightings.Count);
    }

    [Fact]
    public void What_is_told_of_other_services_and_hosts_leaves_nothing()
    {
        var message = new Message
        {
            QR = true,
            Answers = [new PTRRecord { Name = "_http._tcp.local", DomainName = "a._http._tcp.local" }, new ARecord { Name = "a.local", Address = Sender.Address }],
        };
        Assert.False(sightings.Take(message, Sender, 0));
        Assert.Equal(0, sightings.Count);
    }

    [Fact]
    public void Known_answers_are_those_with_more_than_half_of_their_life_left()
    {
        sightings.Take(SomeMessages.Announcement(), Sender, 0);
        Assert.Single(sightings.KnownAnswers(1_000_000));
        Assert.Empty(sightings.KnownAnswers(2_300_000));
    }

    private static Message Goodbye()
    {
        var goodbye = SomeMessages.Announcement();
        foreach (var record in goodbye.Answers.Concat(goodbye.AdditionalRecords))
        {
            record.TTL = TimeSpan.Zero;
        }

        return goodbye;
    }

    private void Flood(int sender, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"athens-{sender}-{i}");
            sightings.Take(SomeMessages.Announcement(name, name), new IPEndPoint(new IPAddress([10, 1, 3, (byte)sender]), 5353), 0);
        }
    }
}
