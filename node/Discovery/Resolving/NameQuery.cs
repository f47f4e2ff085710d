using System.Security.Cryptography;
using Makaretu.Dns;

namespace Athens.Federation.Node.Discovery.Resolving;

/// <summary>
/// One question to a name server, and which packets answer it: those that repeat its number and the question itself (RFC 5452 section 3). Together with a port
/// that the system picks at random, somebody who cannot read the question has to guess one in billions.
/// </summary>
internal sealed class NameQuery(DomainName name, DnsType type)
{
    private readonly ushort id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);

    public byte[] ToBytes()
    {
        Message message = new() { Id = id, RD = true };
        message.Questions.Add(new Question { Name = name, Type = type });
        return message.ToByteArray();
    }

    /// <summary>Null when the packet is no answer to this question. Never throws.</summary>
    public Message? AnswerIn(byte[] packet)
    {
        Message answer = new();
        try
        {
            answer.Read(packet);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // What a parser makes of hostile bytes is not its documented list of exceptions.
            return null;
        }

        return answer.QR && answer.Id == id && Repeats(answer) ? answer : null;
    }

    /// <summary>A server that could not read the question repeats none.</summary>
    private bool Repeats(Message answer) => answer.Questions.Count == 0
        ? answer.Status is not (MessageStatus.NoError or MessageStatus.NameError)
        : answer.Questions is [var asked] && asked.Name == name && asked.Type == type && asked.Class == DnsClass.IN;
}
