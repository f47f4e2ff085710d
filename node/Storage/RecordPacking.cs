using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// The text of a record in about half the bytes, by itself and without loss: hashes stand in binary, and what most records have in common as one byte. A
/// text has no control characters but LF, so those mark what was packed.
/// </summary>
internal static class RecordPacking
{
    private const byte H1 = 1;
    private const byte Sha256 = 2;
    private const byte Subject = 3;
    private const byte Commit = 4;
    private const byte Path = 5;
    private const byte Chunks = 6;
    private const byte Salt = 7;
    private const byte FirstWord = 0x0b;

    private const int HashSize = 32;
    private const int CommitSize = 20;
    private const int SaltSize = 16;
    private const int H1Length = 44;

    /// <summary>Each is known by its place, so words are only ever added at the end: at most 20.</summary>
    private static readonly byte[][] Words =
    [
        "\nzip "u8.ToArray(), "\ninfo "u8.ToArray(), "\norigin git https://"u8.ToArray(), "\nobserved 20"u8.ToArray(), "\nvouched 20"u8.ToArray(),
        " direct go1."u8.ToArray(), " refs/tags/"u8.ToArray(), "\nsumdb sum.golang.org "u8.ToArray(), "/go.mod "u8.ToArray(),
        "\norigin git "u8.ToArray(), " proxy:proxy.golang.org go1."u8.ToArray(), "Z direct go1."u8.ToArray(), "github.com/"u8.ToArray(),
    ];

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    private static readonly SearchValues<byte> Begins = SearchValues.Create("\n hs/Zg"u8);

    /// <exception cref="ArgumentException">The text has control characters.</exception>
    public static byte[] Pack(ReadOnlySpan<byte> text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var subject = SubjectOf(text).End.Value;
            var path = subject == 0 ? 0 : text.IndexOf((byte)' ');
            var length = 0;
            for (var at = 0; at < text.Length;)
            {
                var (token, taken) = Find(text, at, subject, path);
                if (taken > 0)
                {
                    buffer[length++] = token;
                    length += Put(token, text.Slice(at, taken), buffer.AsSpan(length));
                    at += taken;
                    continue;
                }

                if (text[at] is < 0x20 and not (byte)'\n')
                {
                    throw new ArgumentException("A text with control characters is no record's.", nameof(text));
                }

                buffer[length++] = text[at++];
            }

            return buffer[..length];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <exception cref="InvalidDataException">It was not packed here, or is damaged.</exception>
    public static byte[] Unpack(ReadOnlySpan<byte> packed)
    {
        var text = new ArrayBufferWriter<byte>((3 * packed.Length) + 1);
        var subject = default(Range);
        while (!packed.IsEmpty)
        {
            var token = packed[0];
            packed = packed[1..];
            if (token is >= 0x20 or (byte)'\n')
            {
                text.GetSpan(1)[0] = token;
                text.Advance(1);
                continue;
            }

            subject = subject.Equals(default) ? SubjectOf(text.WrittenSpan) : subject;
            var size = SizeOf(token);
            if (packed.Length < size || token >= FirstWord + Words.Length)
            {
                throw new InvalidDataException("a packed record is damaged");
            }

            Write(text, token, packed[..size], text.WrittenSpan[subject].ToArray());
            packed = packed[size..];
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>"PATH VERSION" of the first line, once its second blank is there; empty before.</summary>
    private static Range SubjectOf(ReadOnlySpan<byte> text)
    {
        var first = text.IndexOf((byte)' ');
        var second = first < 0 ? -1 : text[(first + 1)..].IndexOf((byte)' ');
        return second < 0 ? default : new Range(0, first + 1 + second);
    }

    /// <param name="text">The whole.</param>
    /// <param name="at">Where to look.</param>
    /// <param name="subject">Length of the subject; 0 when there is none.</param>
    /// <param name="path">Length of its path.</param>
    private static (byte Token, int Taken) Find(ReadOnlySpan<byte> text, int at, int subject, int path)
    {
        var rest = text[at..];
        if (at <= subject)
        {
            return default;
        }

        if (subject > 0 && rest[0] == '\n' && rest[1..].StartsWith(text[..subject]))
        {
            return (Subject, 1 + subject);
        }

        if (path > 0 && rest.StartsWith(text[..path]))
        {
            return (Path, path);
        }

        if (!Begins.Contains(rest[0]))
        {
            return default;
        }

        return rest[0] switch
        {
            (byte)'h' when IsH1(rest) => (H1, 3 + H1Length),
            (byte)'s' when IsHex(rest, "sha256:"u8, HashSize) => (Sha256, 7 + (2 * HashSize)),
            (byte)' ' when IsHex(rest, " chunks:"u8, HashSize) => (Chunks, 8 + (2 * HashSize)),
            (byte)' ' when IsHex(rest, " "u8, CommitSize) => (Commit, 1 + (2 * CommitSize)),
            (byte)'\n' when IsHex(rest, "\nsalt "u8, SaltSize) => (Salt, 6 + (2 * SaltSize)),
            _ => FindWord(rest),
        };
    }

    private static (byte Token, int Taken) FindWord(ReadOnlySpan<byte> rest)
    {
        for (var i = 0; i < Words.Length; i++)
        {
            if (rest.StartsWith(Words[i]))
            {
                return ((byte)(FirstWord + i), Words[i].Length);
            }
        }

        return default;
    }

    private static bool IsH1(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 3 + H1Length || !rest.StartsWith("h1:"u8))
        {
            return false;
        }

        // Only the one writing of 32 bytes comes back as it was.
        Span<byte> hash = stackalloc byte[HashSize + 1];
        Span<byte> again = stackalloc byte[H1Length];
        var text = rest.Slice(3, H1Length);
        return Base64.DecodeFromUtf8(text, hash, out _, out var written) == OperationStatus.Done && written == HashSize
            && Base64.EncodeToUtf8(hash[..HashSize], again, out _, out _) == OperationStatus.Done && again.SequenceEqual(text);
    }

    private static bool IsHex(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> start, int size) =>
        rest.Length >= start.Length + (2 * size) && rest.StartsWith(start)
        && !rest.Slice(start.Length, 2 * size).ContainsAnyExcept(HexDigits);

    private static int SizeOf(byte token) => token switch
    {
        H1 or Sha256 or Chunks => HashSize,
        Commit => CommitSize,
        Salt => SaltSize,
        _ => 0,
    };

    /// <summary>Writes what stands behind a token; the bytes of it.</summary>
    private static int Put(byte token, ReadOnlySpan<byte> taken, Span<byte> into)
    {
        var size = SizeOf(token);
        if (token == H1)
        {
            Base64.DecodeFromUtf8(taken[3..], into, out _, out _);
        }
        else if (size > 0)
        {
            Convert.FromHexString(taken[^(2 * size)..], into, out _, out _);
        }

        return size;
    }

    private static void Write(ArrayBufferWriter<byte> text, byte token, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> subject)
    {
        switch (token)
        {
            case H1:
                text.Write("h1:"u8);
                Base64.EncodeToUtf8(bytes, text.GetSpan(H1Length), out _, out var written);
                text.Advance(written);
                break;
            case Subject:
                text.Write("\n"u8);
                text.Write(subject);
                break;
            case Path:
                text.Write(subject[..Math.Max(0, subject.IndexOf((byte)' '))]);
                break;
            case Sha256 or Chunks or Commit or Salt:
                text.Write(token == Sha256 ? "sha256:"u8 : token == Chunks ? " chunks:"u8 : token == Commit ? " "u8 : "\nsalt "u8);
                text.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
                break;
            default:
                text.Write(token >= FirstWord ? Words[token - FirstWord] : throw new InvalidDataException("a packed record is damaged"));
                break;
        }
    }
}
