using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// What a token says, and its bytes: the pool's name (one byte of length before it), its id, the invitation's id and secret, one byte of grant, the
/// expiry in POSIX seconds (8 bytes), one byte of how many seeds, each an address (one byte of length before it) and an identity key; at the end the
/// first 8 bytes of SHA-256 of all that, so that a token that was cut off or mistyped is told from a good one. Numbers are big endian.
/// </summary>
/// <param name="PoolName">Of the pool.</param>
/// <param name="PoolId">64 hex digits.</param>
/// <param name="Id">16 bytes.</param>
/// <param name="Secret">32 bytes.</param>
/// <param name="Grant">"org" or "node".</param>
/// <param name="Expires">Whole seconds.</param>
/// <param name="Seeds">1 to 8.</param>
internal sealed record InvitationParts(
    string PoolName, string PoolId, byte[] Id, byte[] Secret, string Grant, DateTimeOffset Expires, IReadOnlyList<PoolSeed> Seeds)
{
    private const int ChecksumSize = 8;
    private const int PoolIdSize = 32;
    private static readonly string[] Grants = [Invitation.GrantOrg, Invitation.GrantNode];

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        Write(bytes, PoolName);
        bytes.Write(RecordSyntax.IsSha256(PoolId) ? Convert.FromHexString(PoolId) : []);
        bytes.Write(Id);
        bytes.Write(Secret);
        bytes.WriteByte((byte)Array.IndexOf(Grants, Grant));
        Span<byte> seconds = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(seconds, Expires.ToUnixTimeSeconds());
        bytes.Write(seconds);
        bytes.WriteByte((byte)Seeds.Count);
        foreach (var seed in Seeds)
        {
            Write(bytes, seed.Endpoint);
            bytes.Write(seed.Identity.Span);
        }

        bytes.Write(SHA256.HashData(bytes.ToArray()).AsSpan(..ChecksumSize));
        return bytes.ToArray();
    }

    /// <summary>Null when anything is not as it has to be.</summary>
    public static InvitationParts? Read(byte[] token)
    {
        if (token.Length <= ChecksumSize
            || !SHA256.HashData(token.AsSpan(..^ChecksumSize)).AsSpan(..ChecksumSize).SequenceEqual(token.AsSpan(^ChecksumSize..)))
        {
            return null;
        }

        ReadOnlySpan<byte> rest = token.AsSpan(..^ChecksumSize);
        var name = TakeText(ref rest);
        var poolId = Convert.ToHexStringLower(Take(ref rest, PoolIdSize));
        var id = Take(ref rest, Invitation.IdSize).ToArray();
        var secret = Take(ref rest, Invitation.SecretSize).ToArray();
        var grant = Take(ref rest, 1) is [var number] && number < Grants.Length ? Grants[number] : null;
        var seconds = Take(ref rest, sizeof(long)) is { Length: sizeof(long) } time ? BinaryPrimitives.ReadInt64BigEndian(time) : -1;
        var seeds = ReadSeeds(ref rest);
        return PoolSyntax.IsName(name) && RecordSyntax.IsSha256(poolId) && id.Length == Invitation.IdSize && secret.Length == Invitation.SecretSize
            && grant is not null && seeds is not null && rest.IsEmpty && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? new InvitationParts(name, poolId, id, secret, grant, DateTimeOffset.FromUnixTimeSeconds(seconds), seeds)
            : null;
    }

    private static List<PoolSeed>? ReadSeeds(ref ReadOnlySpan<byte> rest)
    {
        var count = Take(ref rest, 1) is [var number] ? number : 0;
        var seeds = new List<PoolSeed>();
        while (seeds.Count < count && count <= Invitation.MaxSeeds)
        {
            var endpoint = TakeText(ref rest);
            var identity = Take(ref rest, PoolSyntax.KeySize);
            if (!PoolSyntax.IsEndpoint(endpoint) || identity.IsEmpty)
            {
                return null;
            }

            seeds.Add(new PoolSeed(endpoint, identity.ToArray()));
        }

        return seeds.Count > 0 ? seeds : null;
    }

    private static void Write(MemoryStream bytes, string text)
    {
        bytes.WriteByte((byte)text.Length);
        bytes.Write(Encoding.ASCII.GetBytes(text));
    }

    private static string TakeText(ref ReadOnlySpan<byte> rest) =>
        Take(ref rest, 1) is [var length] ? Encoding.ASCII.GetString(Take(ref rest, length)) : "";

    /// <summary>The next bytes; none, and an end of everything, when there are fewer.</summary>
    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        var taken = rest.Length < count ? [] : rest[..count];
        rest = rest[taken.Length..];
        return taken;
    }
}
