using System.Net;
using System.Net.Sockets;
using Makaretu.Dns;
using Makaretu.Dns.Links;
using Makaretu.Dns.Responding;

namespace Athens.Federation.Tests.Substitutes.MakaretuDnsMulticast;

/// <summary>Rules of RFC 6762 that need no wire to be seen.</summary>
public sealed class ConductTests
{
    private static readonly Link Lan = new(
        AddressFamily.InterNetwork, 2, "eth0", [(IPAddress.Parse("10.1.2.1"), 24)], [IPAddress.Parse("10.1.2.1"), IPAddress.Parse("fe80::1%2")]);

    [Theory]
    [InlineData("10.1.2.200", true)]
    [InlineData("169.254.3.4", true)]
    [InlineData("10.1.3.1", false)]
    [InlineData("8.8.8.8", false)]
    [InlineData("fe80::2", false)]
    public void Only_senders_on_the_link_are_believed(string sender, bool isBelieved) => Assert.Equal(isBelieved, Lan.IsLocal(IPAddress.Parse(sender)));

    [Fact]
    public void A_record_is_told_at_most_once_a_second()
    {
        var presence = Established();
        var record = presence.Service.Records(Lan)[1];
        presence.Said([record], 10_000);
        presence.Add(record, 10_100, Presence.Again, null);

        Assert.Empty(presence.TakeDue(10_999));
        Assert.Single(presence.TakeDue(11_000));
        Assert.Empty(presence.TakeDue(12_000));
    }

    [Fact]
    public void A_name_is_defended_after_a_quarter_of_a_second()
    {
        var presence = Established();
        var record = presence.Service.Records(Lan)[2];
        presence.Said([record], 10_000);
        presence.Add(record, 10_001, Presence.DefendAgain, null);
        Assert.Single(presence.TakeDue(10_250));
    }

    [Fact]
    public void What_one_who_asks_turns_out_to_know_is_not_told()
    {
        var presence = Established();
        var record = presence.Service.Records(Lan)[1];
        presence.Add(record, 500, Presence.Again, IPAddress.Parse("10.1.2.7"));
        presence.Cancel(record.ToSend(mayFlush: false), IPAddress.Parse("10.1.2.8"));
        presence.Cancel(record.ToSend(mayFlush: false, record.Record.TTL / 3), IPAddress.Parse("10.1.2.7"));
        Assert.Equal(500, presence.Due);

        presence.Cancel(record.ToSend(mayFlush: false), IPAddress.Parse("10.1.2.7"));
        Assert.Equal(long.MaxValue, presence.Due);
    }

    [Fact]
    public void Three_probes_come_before_two_announcements_and_then_there_is_silence()
    {
        var presence = new Presence(new OwnService(Profile()), Lan, new Random(1));
        presence.Probe(0);
        List<(Stage, long)> steps = [];
        while (presence.NextStep < long.MaxValue && steps.Count < 10)
        {
            steps.Add((presence.Stage, presence.NextStep));
            presence.Advance(presence.NextStep);
        }

        // The last look at a probing name only waits for objections.
        Assert.Equal([Stage.Probing, Stage.Probing, Stage.Probing, Stage.Probing, Stage.Announcing, Stage.Announcing], steps.Select(step => step.Item1));
        Assert.InRange(steps[0].Item2, 0, Presence.ProbeEvery);
        Assert.Equal(Presence.ProbeEvery, steps[1].Item2 - steps[0].Item2);
        Assert.Equal(Presence.AnnounceEvery, steps[5].Item2 - steps[4].Item2);
        Assert.Equal(Stage.Established, presence.Stage);
    }

    [Fact]
    public void Addresses_of_other_interfaces_are_not_told()
    {
        var told = new OwnService(Profile()).Records(Lan).Select(record => record.Record).OfType<AddressRecord>();
        Assert.Equal([IPAddress.Parse("10.1.2.1")], told.Select(record => record.Address));
    }

    [Fact]
    public void A_lost_name_gets_a_number_everywhere_it_stands()
    {
        var service = new OwnService(Profile());
        service.Rename("athens-1.local");
        service.Rename("athens-1-2.local");
        service.Rename("athens-1._athens-pool._tcp.local");

        var records = service.Records(Lan).Select(record => record.Record).ToList();
        Assert.Equal("athens-1-3.local", service.Profile.HostName.ToString());
        Assert.Equal("athens-1-3.local", records.OfType<SRVRecord>().Single().Target.ToString());
        Assert.Equal("athens-1-3.local", records.OfType<ARecord>().Single().Name.ToString());
        Assert.Equal("athens-1-2._athens-pool._tcp.local", records.OfType<SRVRecord>().Single().Name.ToString());
        Assert.Equal("athens-1-2._athens-pool._tcp.local", records.OfType<PTRRecord>().Last().DomainName.ToString());
        Assert.Equal("athens-1-2", service.Profile.InstanceName.ToString());
    }

    [Fact]
    public void Whoever_takes_every_name_away_does_not_make_it_grow()
    {
        var service = new OwnService(Profile());
        for (var i = 0; i < 5000; i++)
        {
            service.Rename(service.Profile.FullyQualifiedName);
        }

        Assert.Matches("^athens-1-[0-9]{1,3}$", service.Profile.InstanceName.ToString());
        Assert.Equal(service.Profile.FullyQualifiedName, service.Profile.Resources.OfType<SRVRecord>().Single().Name);
    }

    [Fact]
    public void Of_two_who_probe_at_once_the_one_with_the_later_records_stays()
    {
        // RFC 6762 section 8.2.1.
        ResourceRecord[] first = [new ARecord { Name = "a.local", Address = IPAddress.Parse("169.254.99.200") }];
        ResourceRecord[] second = [new ARecord { Name = "a.local", Address = IPAddress.Parse("169.254.200.50") }];
        Assert.True(ProbeOrder.Compare(first, second) < 0);
        Assert.True(ProbeOrder.Compare(second, first) > 0);
        Assert.Equal(0, ProbeOrder.Compare(first, first));
        Assert.True(ProbeOrder.Compare([.. first, .. second], first) > 0);
    }

    [Fact]
    public void After_fifteen_conflicts_in_ten_seconds_each_further_attempt_waits()
    {
        var service = new OwnService(Profile());
        for (var i = 0; i < 15; i++)
        {
            Assert.Equal(0, service.Conflict(i * 100));
        }

        Assert.Equal(5000, service.Conflict(2000));
        Assert.Equal(0, service.Conflict(20_000));
    }

    [Fact]
    public void A_flood_is_looked_at_no_further_than_agreed_and_others_are_still_heard()
    {
        var time = new StillTime();
        var budget = new PacketBudget(time);
        var loud = IPAddress.Parse("10.1.2.66");
        Assert.Equal(PacketBudget.PerSenderAndSecond, Enumerable.Range(0, 500).Count(_ => budget.Take(loud)));
        Assert.True(budget.Take(IPAddress.Parse("10.1.2.7")));
        Assert.Equal(TimeSpan.Zero, budget.Pause);

        for (var i = 0; i < PacketBudget.PerSecond; i++)
        {
            budget.Take(loud);
        }

        Assert.InRange(budget.Pause, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        time.Seconds++;
        Assert.True(budget.Take(loud));
        Assert.Equal(TimeSpan.Zero, budget.Pause);
    }

    [Fact]
    public void Ones_own_packet_is_dropped_as_often_as_it_was_sent_and_no_more()
    {
        var own = new OwnPackets(TimeProvider.System);
        byte[] packet = [1, 2, 3];
        own.Sent(Lan.Id, packet);
        Assert.False(own.Take(Lan.Id, [1, 2, 4]));
        Assert.True(own.Take(Lan.Id, packet));
        Assert.False(own.Take(Lan.Id, packet));
    }

    private static Presence Established() => new(new OwnService(Profile()), Lan, new Random(1));

    private static ServiceProfile Profile()
    {
        DomainName name = "athens-1._athens-pool._tcp.local";
        return new ServiceProfile
        {
            InstanceName = "athens-1",
            ServiceName = "_athens-pool._tcp",
            HostName = "athens-1.local",
            Resources =
            [
                new SRVRecord { Name = name, Port = 3443, Target = "athens-1.local" },
                new TXTRecord { Name = name, Strings = ["v=1"] },
                new ARecord { Name = "athens-1.local", Address = IPAddress.Parse("10.1.2.1") },
                new ARecord { Name = "athens-1.local", Address = IPAddress.Parse("10.9.9.9") },
            ],
        };
    }

    private sealed class StillTime : TimeProvider
    {
        public long Seconds { get; set; } = 1000;

        public override long GetTimestamp() => Seconds * TimestampFrequency;
    }
}
