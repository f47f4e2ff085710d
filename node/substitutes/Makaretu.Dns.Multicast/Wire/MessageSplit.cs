namespace Makaretu.Dns.Wire;

/// <summary>A query whose known answers do not fit into one packet goes as several, each but the last marked (RFC 6762 section 7.2).</summary>
internal static class MessageSplit
{
    /// <summary>Fits into an Ethernet frame with IPv6 and UDP headers: fragments are lost whole, and some devices drop them.</summary>
    public const int LongestPacket = 1440;

    public static List<byte[]> Packets(Message message)
    {
        var whole = MessageWriter.Write(message);
        if (whole.Length <= LongestPacket || message.QR || message.Answers.Count < 2)
        {
            return [whole];
        }

        var half = message.Answers.Count / 2;
        var first = new Message { Id = message.Id, TC = true, Answers = message.Answers[..half] };
        first.Questions.AddRange(message.Questions);
        var rest = new Message { Id = message.Id, TC = message.TC, Answers = message.Answers[half..] };
        return [.. Packets(first), .. Packets(rest)];
    }
}
