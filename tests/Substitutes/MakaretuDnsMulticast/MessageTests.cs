using System.Text;
using Makaretu.Dns;
using Makaretu.Dns.Wire;

namespace Athens.Federation.Tests.Substitutes.MakaretuDnsMulticast;

/// <summary>Messages of RFC 1035 as they are read and written.</summary>
public sealed class MessageTests
{
    private const int Header = 12;

    [Fact]
    public void What_is_written_is_read()
    {
        var message = SomeMessages.Announcement();
        message.Id = 7;
        var read = MessageReader.Read(MessageWriter.Write(message));

        Assert.NotNull(read);
        Assert.Equal((7, true, true, false), (read.Id, read.QR, read.AA, read.TC));
        var (told, heard) = (message.Answers.Concat(message.AdditionalRecords).ToList(), read.Answers.Concat(read.AdditionalRecords).ToList());
        Assert.Equal(told.Select(record => (record.Name, record.Type, record.Class, record.TTL)), heard.Select(record => (record.Name, record.Type, record.Class, record.TTL)));
        Assert.All(told.Zip(heard), pair => Assert.Equal(pair.First.GetData(), pair.Second.GetData()));
        Assert.Equal(3443, heard.OfType<SRVRecord>().Single().Port);
        Assert.Equal("v=1", heard.OfType<TXTRecord>().Single().Strings[0]);
    }

    [Fact]
    public void A_query_is_written_as_RFC_1035_has_it()
    {
        var query = new Message();
        query.Questions.Add(new Question { Name = "a.local", Type = DnsType.PTR, Class = (DnsClass)0x8001 });
        query.Questions.Add(new Question { Name = "B.LOCAL", Type = DnsType.A });
        Assert.Equal(
            [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, (byte)'a', 5, .. "local"u8, 0, 0, 12, 0x80, 1, 1, (byte)'B', 0xC0, 14, 0, 1, 0, 1],
            MessageWriter.Write(query));
    }

    [Fact]
    public void An_answer_of_a_resolver_is_read_with_its_status_and_its_aliases()
    {
        var message = new Message { Id = 0x1234, QR = true, RD = true, Status = MessageStatus.NameError };
        message.Questions.Add(new Question { Name = "a.example", Type = DnsType.TXT });
        message.Answers.Add(new CNAMERecord { Name = "a.example", Target = "b.a.example" });
        var bytes = message.ToByteArray();
        Assert.Equal([0x12, 0x34, 0x81, 0x03, 0, 1, 0, 1, 0, 0, 0, 0], bytes[..Header]);

        var read = new Message();
        Assert.Same(read, read.Read(bytes));
        Assert.Equal((0x1234, true, true, MessageStatus.NameError), (read.Id, read.QR, read.RD, read.Status));
        Assert.Equal(new DomainName("b.a.example"), Assert.IsType<CNAMERecord>(Assert.Single(read.Answers)).Target);
        Assert.ThrowsAny<Exception>(() => new Message().Read(bytes[..^1]));
    }

    [Fact]
    public void Names_are_the_same_whatever_the_case_of_their_letters() =>
        Assert.Equal(new DomainName("Athens-1F._Athens-Pool._TCP.Local"), new DomainName("athens-1f._athens-pool._tcp.local"));

    [Fact]
    public void A_dot_inside_a_label_is_no_border()
    {
        DomainName name = @"a\.b.local";
        Assert.Equal(["a.b", "local"], name.Labels);
        Assert.NotEqual(new DomainName("a.b.local"), name);
        Assert.Equal(@"a\.b.local", name.ToString());
    }

    [Fact]
    public void A_pointer_to_itself_or_forwards_or_in_a_circle_is_no_name()
    {
        Assert.Null(Read([0xC0, Header]));
        Assert.Null(Read([0xC0, Header + 2, 0]));
        Assert.Null(Read([1, (byte)'a', 0xC0, Header]));
        Assert.Null(Read([0xC0, Header + 4, 0, 0, 0xC0, Header]));
    }

    [Fact]
    public void A_name_of_more_than_255_bytes_is_none_however_it_is_put_together()
    {
        byte[] label = [63, .. Enumerable.Repeat((byte)'a', 63)];
        Assert.NotNull(Read([.. label, .. label, .. label, 0]));
        Assert.Null(Read([.. label, .. label, .. label, .. label, 0]));
    }

    [Fact]
    public void A_packet_full_of_pointers_to_one_long_name_is_given_up()
    {
        List<byte> packet = [0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0];
        packet.AddRange(Enumerable.Repeat<byte[]>([1, (byte)'a'], 126).SelectMany(pair => pair));
        packet.AddRange([0, 0, 1, 0, 1]);
        for (var i = 1; i < 1024; i++)
        {
            packet.AddRange([0xC0, Header, 0, 1, 0, 1]);
        }

        Assert.Null(MessageReader.Read(packet.ToArray()));
    }

    [Fact]
    public void Counts_beyond_the_packet_cost_nothing()
    {
        var packet = MessageWriter.Write(SomeMessages.Announcement());
        packet[6] = packet[7] = packet[8] = packet[9] = byte.MaxValue;
        Assert.Null(MessageReader.Read(packet));
    }

    [Fact]
    public void Every_shorter_piece_of_a_message_is_none()
    {
        var packet = MessageWriter.Write(SomeMessages.Announcement());
        for (var length = 0; length < packet.Length; length++)
        {
            Assert.Null(MessageReader.Read(packet.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Labels_that_are_not_UTF8_are_none() => Assert.Null(Read([2, 0xC3, 0x28, 0]));

    [Fact]
    public void Operations_and_failures_of_other_protocols_are_known_as_such()
    {
        var packet = MessageWriter.Write(SomeMessages.Announcement());
        packet[3] |= 3;
        Assert.True(MessageReader.Read(packet)!.IsForeign);
    }

    [Fact]
    public void A_query_with_many_known_answers_goes_as_several_packets_each_of_which_fits()
    {
        var query = new Message();
        query.Questions.Add(new Question { Name = SomeMessages.Service, Type = DnsType.PTR });
        for (var i = 0; i < 256; i++)
        {
            query.Answers.Add(new PTRRecord { Name = SomeMessages.Service, DomainName = new DomainName([$"athens-{i:x8}", "_athens-pool", "_tcp", "local"]) });
        }

        var packets = MessageSplit.Packets(query).Select(packet => (packet.Length, Message: MessageReader.Read(packet)!)).ToList();
        Assert.All(packets, packet => Assert.InRange(packet.Length, Header, MessageSplit.LongestPacket));
        Assert.Equal(256, packets.Sum(packet => packet.Message.Answers.Count));
        Assert.Equal(1, packets.Sum(packet => packet.Message.Questions.Count));
        Assert.All(packets.SkipLast(1), packet => Assert.True(packet.Message.TC));
        Assert.False(packets[^1].Message.TC);
    }

    [Fact]
    public void A_TXT_record_without_strings_has_an_empty_one() => Assert.Equal([0], new TXTRecord { Name = "a" }.GetData());

    [Fact]
    public void Million_packets_of_nonsense_are_read_or_refused_and_nothing_else()
    {
        const int packets = 1_000_000;
        const int seed = 20261121;
        byte[][] honest = [MessageWriter.Write(SomeMessages.Announcement()), MessageWriter.Write(SomeMessages.Query())];
        var read = 0;
        Parallel.For(0, 4, part =>
        {
            var random = new Random(seed + part);
            var buffer = new byte[512];
            for (var i = 0; i < packets / 4; i++)
            {
                var length = Mangle(random, honest[i % honest.Length], buffer);
                if (MessageReader.Read(buffer.AsSpan(0, length)) is { } message)
                {
                    Interlocked.Increment(ref read);
                    if (i % 64 == 0)
                    {
                        Again(message);
                    }
                }
            }
        });

        // Some are still messages: the nonsense reached every part of the reader.
        Assert.InRange(read, packets / 100, packets);
    }

    /// <summary>Bits turned, bytes put in place of others, pieces cut out, counts raised, pointers sown; one in ten is random throughout.</summary>
    private static int Mangle(Random random, byte[] honest, byte[] buffer)
    {
        if (random.Next(10) == 0)
        {
            random.NextBytes(buffer);
            buffer.AsSpan(4, 8).Clear();
            buffer[5] = buffer[7] = (byte)random.Next(4);
            return random.Next(buffer.Length);
        }

        honest.CopyTo(buffer, 0);
        var length = honest.Length;
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(length);
            switch (random.Next(5))
            {
                case 0:
                    buffer[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    buffer[at] = (byte)random.Next(256);
                    break;
                case 2:
                    (buffer[at], buffer[Math.Min(at + 1, length - 1)]) = ((byte)(0xC0 | random.Next(2)), (byte)random.Next(256));
                    break;
                case 3:
                    buffer[4 + random.Next(8)] = (byte)random.Next(3);
                    break;
                default:
                    length = Math.Max(1, length - random.Next(32));
                    break;
            }
        }

        return length;
    }

    /// <summary>What was read can be written, unless a label came out longer (a byte that is no text became three).</summary>
    private static void Again(Message message)
    {
        try
        {
            Assert.NotNull(MessageReader.Read(MessageWriter.Write(message)));
        }
        catch (InvalidOperationException)
        {
            Assert.Contains(message.Answers.Concat(message.AuthorityRecords).Concat(message.AdditionalRecords), record => record is TXTRecord text
                && text.Strings.Exists(one => Encoding.UTF8.GetByteCount(one) > byte.MaxValue));
        }
    }

    /// <summary>A query for one name, as these bytes.</summary>
    private static Message? Read(byte[] name) => MessageReader.Read([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name, 0, 1, 0, 1]);
}
