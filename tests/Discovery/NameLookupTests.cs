using System.Net;
using Athens.Federation.Node.Discovery.Resolving;
using Athens.Federation.Tests.Federation.Peers;
using Athens.Federation.Tests.Support;
using Makaretu.Dns;
using static Athens.Federation.Tests.Discovery.ScriptedNameServer;

namespace Athens.Federation.Tests.Discovery;

/// <summary>What a node asks DNS for, of a real name server and of hostile ones.</summary>
public sealed class NameLookupTests
{
    private const string Name = "name.example";

    [FactWithDomainServer]
    public async Task A_real_name_server_is_understood()
    {
        using var server = await DomainServer.StartAsync(
            DomainServer.FreeAddress(),
            "--txt-record=texts.corp.example,in two ,strings", "--txt-record=texts.corp.example,another",
            "--srv-host=_athens-pool._tcp.corp.example,later.corp.example,3444,20,0",
            "--srv-host=_athens-pool._tcp.corp.example,light.corp.example,3445,10,1", "--srv-host=_athens-pool._tcp.corp.example,heavy.corp.example,3446,10,9",
            "--srv-host=_none._tcp.corp.example",
            "--host-record=later.corp.example,192.0.2.7,2001:db8::7", "--cname=alias.corp.example,later.corp.example");
        var names = Of(server.Address.ToString());

        var texts = await names.TextsAsync("texts.corp.example", CancellationToken.None);
        Assert.Equal((LookupEnd.Found, TimeSpan.FromSeconds(90), ""), (texts.End, texts.Ttl, texts.Reason));
        Assert.Equal(["another", "in two strings"], texts.Values.Order(StringComparer.Ordinal));
        var services = await names.ServicesAsync("_Athens-Pool._tcp.CORP.example", CancellationToken.None);
        Assert.Equal([("heavy.corp.example", 3446), ("light.corp.example", 3445), ("later.corp.example", 3444)], services.Values.Select(static one => (one.Host, (int)one.Port)));
        foreach (var host in new[] { "later.corp.example", "alias.corp.example" })
        {
            Assert.Equal([IPAddress.Parse("192.0.2.7"), IPAddress.Parse("2001:db8::7")], (await names.AddressesAsync(host, CancellationToken.None)).Values);
        }

        var none = await names.TextsAsync("nobody.corp.example", CancellationToken.None);
        Assert.Equal((LookupEnd.Absent, "there is no name nobody.corp.example"), (none.End, none.Reason));
        var other = await names.TextsAsync("later.corp.example", CancellationToken.None);
        Assert.Equal((LookupEnd.Absent, "later.corp.example has no TXT records"), (other.End, other.Reason));
        Assert.Equal(LookupEnd.Absent, (await names.ServicesAsync("_none._tcp.corp.example", CancellationToken.None)).End);
        var refused = await names.TextsAsync("other.example", CancellationToken.None);
        Assert.Equal((LookupEnd.Failed, $"{server.Address} answers Refused"), (refused.End, refused.Reason));
    }

    [FactWithDomainServer]
    public async Task What_does_not_fit_into_a_packet_is_asked_over_TCP()
    {
        var long_ = new string('x', 200);
        using var server = await DomainServer.StartAsync(DomainServer.FreeAddress(), [.. Enumerable.Range(10, 30).Select(i => $"--txt-record=many.corp.example,{i}{long_}")]);
        var texts = await Of(server.Address.ToString()).TextsAsync("many.corp.example", CancellationToken.None);
        Assert.Equal(30, texts.Values.Count);
        Assert.All(texts.Values, text => Assert.EndsWith(long_, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Packets_that_answer_something_else_are_passed_over()
    {
        using ScriptedNameServer server = new(query =>
        [
            [],
            [1, 2, 3],
            [.. Answer(query, Text("with more behind it")).ToByteArray(), .. new byte[8000]],
            With(Answer(query, Text("another number")), static answer => answer.Id++),
            With(Answer(query, Text("another name")), static answer => answer.Questions[0] = new Question { Name = "other.example", Type = DnsType.TXT }),
            With(Answer(query, Text("another type")), static answer => answer.Questions[0] = new Question { Name = Name, Type = DnsType.A }),
            With(Answer(query, Text("two questions")), static answer => answer.Questions.Add(answer.Questions[0])),
            With(Answer(query, Text("no question")), static answer => answer.Questions.Clear()),
            With(Answer(query, Text("a query")), static answer => answer.QR = false),
            Answer(query, Text("true"), new TXTRecord { Name = "other.example", Strings = ["of another name"] }, new UnknownRecord { Name = Name, Type = (DnsType)99 }).ToByteArray(),
        ]);
        var texts = await Of(server.Address).TextsAsync(Name, CancellationToken.None);

        // A packet may have something behind the message, which is nothing to us.
        Assert.True(texts.Values is ["true"] or ["with more behind it"], texts.Reason);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task Who_guesses_on_and_on_is_not_listened_to()
    {
        using ScriptedNameServer server = new(
            static query => Enumerable.Range(1, 40).Select(guess => With(Answer(query, Text("forged")), answer => answer.Id = (ushort)(query.Id + guess))).Append(Answer(query, Text("forged")).ToByteArray()),
            static query => Framed(Answer(query, Text("true")).ToByteArray()));
        Assert.Equal(["true"], (await Of(server.Address).TextsAsync(Name, CancellationToken.None)).Values);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Numbers_and_ports_cannot_be_told_beforehand()
    {
        HashSet<ushort> numbers = [];
        using ScriptedNameServer server = new(query =>
        {
            numbers.Add(query.Id);
            return [Answer(query, Text("true")).ToByteArray()];
        });
        var names = Of(server.Address);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(LookupEnd.Found, (await names.TextsAsync(Name, CancellationToken.None)).End);
        }

        Assert.True(numbers.Count > 45, $"{numbers.Count} numbers in 50 questions");
        Assert.True(numbers.Max() - numbers.Min() > 10_000, "the numbers lie together");
    }

    [Theory]
    [InlineData(MessageStatus.ServerFailure)]
    [InlineData(MessageStatus.Refused)]
    [InlineData(MessageStatus.FormatError)]
    [InlineData((MessageStatus)14)]
    public async Task A_server_that_cannot_say_is_told_so_after_a_second_try(MessageStatus status)
    {
        using ScriptedNameServer server = new(query => [With(Answer(query), answer =>
        {
            answer.Status = status;
            answer.Questions.Clear();
        })]);
        var texts = await Of(server.Address).TextsAsync(Name, CancellationToken.None);
        Assert.Equal((LookupEnd.Failed, $"{server.Address} answers {status}"), (texts.End, texts.Reason));
        Assert.Equal(2, server.Packets);
    }

    [Fact]
    public async Task Silence_ends()
    {
        using ScriptedNameServer server = new(static _ => []);
        var texts = await new NameLookup(new NameServers(server.Address), new ShortenedTime()).TextsAsync(Name, CancellationToken.None);
        Assert.Equal(LookupEnd.Failed, texts.End);
        Assert.Matches("does not answer|not answered in time", texts.Reason);
        var nobody = await Of("127.0.0.1:1").TextsAsync(Name, CancellationToken.None);
        Assert.Contains("127.0.0.1:1", nobody.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lies_over_TCP_end_in_a_reason()
    {
        foreach (var lie in new Func<Message, byte[]>[]
        {
            static _ => [0xFF, 0xFF, .. new byte[70_000]],
            static _ => [0, 200, 1, 2, 3],
            static _ => [],
            static query => Framed(With(Answer(query, Text("forged")), static answer => answer.Id++)),
            static _ => Framed(new byte[500]),
        })
        {
            using ScriptedNameServer server = new(static query => [With(Answer(query), static answer => answer.TC = true)], lie);
            var texts = await Of(server.Address).TextsAsync(Name, CancellationToken.None);
            Assert.Equal(LookupEnd.Failed, texts.End);
            Assert.NotEmpty(texts.Reason);
        }
    }

    [Fact]
    public async Task Aliases_are_followed_as_far_as_the_answer_has_them_and_no_farther()
    {
        CNAMERecord Alias(string from, string to) => new() { Name = from, Target = to };
        using ScriptedNameServer server = new(query => [(query.Questions[0].Name.Labels[0] switch
        {
            "name" => Answer(query, Alias("name.example", "b.example"), Alias("b.example", "c.example"), new TXTRecord { Name = "c.example", Strings = ["true"] }),
            "far" => Answer(query, Alias("far.example", "b.example")),
            _ => Answer(query, Alias("round.example", "b.example"), Alias("b.example", "round.example")),
        }).ToByteArray()]);
        var names = Of(server.Address);
        Assert.Equal(["true"], (await names.TextsAsync(Name, CancellationToken.None)).Values);
        Assert.Equal(LookupEnd.Absent, (await names.TextsAsync("far.example", CancellationToken.None)).End);
        Assert.Equal(LookupEnd.Absent, (await names.TextsAsync("round.example", CancellationToken.None)).End);
        Assert.Equal(3, server.Packets);
    }

    [Fact]
    public async Task Of_very_many_records_some_are_taken()
    {
        using ScriptedNameServer server = new(
            static query => [With(Answer(query), static answer => answer.TC = true)],
            static query => Framed(Answer(query, [.. Enumerable.Range(0, 400).Select(static i => Text($"{i}"))]).ToByteArray()));
        Assert.Equal(NameLookup.MaxRecords, (await Of(server.Address).TextsAsync(Name, CancellationToken.None)).Values.Count);
    }

    [Fact]
    public void A_hundred_thousand_spoilt_answers_are_answers_or_none()
    {
        Random random = new(5);
        NameQuery query = new(Name, DnsType.SRV);
        var asked = (Message)new Message().Read(query.ToBytes());
        var good = Answer(asked, new SRVRecord { Name = Name, Target = "a.name.example", Port = 1 }, new CNAMERecord { Name = Name, Target = "b.example" }, Text("c")).ToByteArray();
        Assert.NotNull(query.AnswerIn(good));
        for (var i = 0; i < 100_000; i++)
        {
            var spoilt = good[..random.Next(good.Length + 1)];
            for (var changes = random.Next(6); changes > 0 && spoilt.Length > 0; changes--)
            {
                spoilt[random.Next(spoilt.Length)] = (byte)random.Next(256);
            }

            query.AnswerIn(spoilt);
        }
    }

    [Fact]
    public void Name_servers_are_those_of_the_configuration_or_of_the_machine()
    {
        using TemporaryFolder folder = new("resolv");
        File.WriteAllText(folder.File("resolv.conf"), "# a comment\nsearch example\n nameserver  192.0.2.1 # one\nnameserver nonsense\nnameserver 2001:db8::1\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n");
        Assert.Equal(["192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.3:53"], new NameServers("", folder.File("resolv.conf")).Current.Select(static one => one.ToString()));
        Assert.Equal(["127.0.0.1:53"], new NameServers("", folder.File("nothing")).Current.Select(static one => one.ToString()));
        Assert.Equal(["192.0.2.9:53"], new NameServers("192.0.2.9", folder.File("resolv.conf")).Current.Select(static one => one.ToString()));
        Assert.Equal("[::1]:5353", NameServers.Parse("[::1]:5353")?.ToString());
        Assert.All(new[] { "", "53", "example.org", "192.0.2.1:99999", "[::1" }, static text => Assert.Null(NameServers.Parse(text)));
    }

    private static byte[] With(Message answer, Action<Message> change)
    {
        change(answer);
        return answer.ToByteArray();
    }

    private static NameLookup Of(string server) => new(new NameServers(server), TimeProvider.System);
}
