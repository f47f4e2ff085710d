using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>One way of a captured TLS 1.3 connection, opened (RFC 8446, 5 and 7). What does not open fails the test: it was not searched.</summary>
internal sealed class TlsWay
{
    private const int RecordHeader = 5;
    private const int HandshakeHeader = 4;
    private const int TagSize = 16;
    private const int NonceSize = 12;
    private const byte Handshake = 22;
    private const byte Application = 23;
    private const byte Finished = 20;
    private const byte KeyUpdate = 24;

    private readonly HashAlgorithmName hash;
    private readonly ushort suite;
    private readonly byte[] application;
    private readonly List<byte> handshake = [];
    private byte[] secret;
    private byte[] key = [];
    private byte[] nonce = [];
    private ulong number;
    private bool isFinished;

    private TlsWay(ushort suite, byte[] handshakeSecret, byte[] applicationSecret)
    {
        this.suite = suite;
        hash = suite == 0x1302 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
        (secret, application) = (handshakeSecret, applicationSecret);
        Use(handshakeSecret);
    }

    private TimedBytes Plain { get; } = new();

    /// <summary>What each side said in a connection; both empty when it ended before anything was said.</summary>
    public static (TimedBytes Opened, TimedBytes Answered) Open(Conversation conversation, TlsKeys keys)
    {
        var (opened, answered) = (conversation.Opened.Bytes(), conversation.Answered.Bytes());
        if (!IsTls(opened.All.Span) || !IsTls(answered.All.Span))
        {
            return (new TimedBytes(), new TimedBytes());
        }

        const int random = RecordHeader + HandshakeHeader + 2;
        const int randomSize = 32;
        var client = opened.All.Span.Slice(random, randomSize);
        var session = answered.All.Span[random + randomSize];
        var suite = BinaryPrimitives.ReadUInt16BigEndian(answered.All.Span[(random + randomSize + 1 + session)..]);
        var ways = new[] { "CLIENT", "SERVER" }.Zip([opened, answered], (side, bytes) => (side, bytes)).ToList();
        List<TimedBytes> plain = [];
        foreach (var (side, bytes) in ways)
        {
            var inHandshake = keys.Find($"{side}_HANDSHAKE_TRAFFIC_SECRET", client);
            Assert.True(inHandshake is not null, $"the keys of the connection from {conversation.Opened.From} to {conversation.Opened.To} were not written down");
            TlsWay way = new(suite, inHandshake, keys.Find($"{side}_TRAFFIC_SECRET_0", client) ?? []);
            way.Read(bytes);
            plain.Add(way.Plain);
        }

        return (plain[0], plain[1]);
    }

    public static bool IsTls(ReadOnlySpan<byte> bytes) => bytes.Length > RecordHeader && bytes[0] == Handshake && bytes[1] == 3;

    private void Read(TimedBytes sent)
    {
        for (var at = 0; at + RecordHeader <= sent.Length;)
        {
            var header = sent.All.Span.Slice(at, RecordHeader);
            var length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
            if (at + RecordHeader + length > sent.Length)
            {
                // Cut off in the middle: nobody can read that.
                return;
            }

            if (header[0] == Application)
            {
                var inner = Decrypt(header, sent.All.Span.Slice(at + RecordHeader, length));
                Take(sent.TimeOf(at + RecordHeader + length - 1), inner);
            }

            at += RecordHeader + length;
        }
    }

    /// <summary>Behind the content stands its kind, and behind that zeros.</summary>
    private void Take(DateTimeOffset time, byte[] inner)
    {
        var end = Array.FindLastIndex(inner, static one => one != 0);
        var content = inner.AsSpan(0, end);
        switch (inner[end])
        {
            case Application:
                Plain.Add(time, content);
                break;
            case Handshake:
                handshake.AddRange(content);
                HearHandshake();
                break;
        }
    }

    private void HearHandshake()
    {
        while (handshake.Count >= HandshakeHeader && (handshake[1] << 16) + (handshake[2] << 8) + handshake[3] is var length && handshake.Count >= HandshakeHeader + length)
        {
            var kind = handshake[0];
            handshake.RemoveRange(0, HandshakeHeader + length);
            if (kind == Finished && !isFinished)
            {
                isFinished = true;
                Use(application);
            }
            else if (kind == KeyUpdate)
            {
                Use(TlsKeys.Expand(hash, secret, "traffic upd", secret.Length));
            }
        }
    }

    private void Use(byte[] next)
    {
        const int longKey = 32;
        const int shortKey = 16;
        secret = next;
        number = 0;
        if (next.Length > 0)
        {
            key = TlsKeys.Expand(hash, next, "key", suite == 0x1301 ? shortKey : longKey);
            nonce = TlsKeys.Expand(hash, next, "iv", NonceSize);
        }
    }

    private byte[] Decrypt(ReadOnlySpan<byte> header, ReadOnlySpan<byte> sealedBytes)
    {
        Assert.NotEmpty(secret);
        var one = nonce.ToArray();
        var counter = BinaryPrimitives.ReadUInt64BigEndian(one.AsSpan(NonceSize - sizeof(ulong))) ^ number++;
        BinaryPrimitives.WriteUInt64BigEndian(one.AsSpan(NonceSize - sizeof(ulong)), counter);
        var plain = new byte[sealedBytes.Length - TagSize];
        if (suite == 0x1303)
        {
            using ChaCha20Poly1305 cipher = new(key);
            cipher.Decrypt(one, sealedBytes[..^TagSize], sealedBytes[^TagSize..], plain, header);
        }
        else
        {
            using AesGcm cipher = new(key, TagSize);
            cipher.Decrypt(one, sealedBytes[..^TagSize], sealedBytes[^TagSize..], plain, header);
        }

        return plain;
    }
}
