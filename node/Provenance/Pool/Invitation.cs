using System.Buffers.Text;
using System.Security.Cryptography;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// What a person copies to let another node into the pool: one token, with the pool's id, where to ask and a secret that can be used once. Whoever
/// has it can use it.
/// </summary>
internal sealed class Invitation
{
    /// <summary>The newcomer's org becomes one of the pool's, when enough of them approve.</summary>
    public const string GrantOrg = "org";

    /// <summary>The newcomer becomes a node of the org that invites.</summary>
    public const string GrantNode = "node";

    /// <summary>Characters of a token: what chats and terminals pass on whole.</summary>
    public const int MaxLength = 2048;

    /// <summary>Nodes to dial first.</summary>
    public const int MaxSeeds = 8;

    /// <summary>Bytes of an invitation's id.</summary>
    public const int IdSize = 16;

    /// <summary>Bytes of a secret.</summary>
    public const int SecretSize = 32;

    private const string Family = "athens-join-v";
    private const string Prefix = Family + "1.";

    private readonly byte[] secret;

    private Invitation(InvitationParts parts, string text)
    {
        PoolName = parts.PoolName;
        PoolId = parts.PoolId;
        Id = Convert.ToHexStringLower(parts.Id);
        secret = parts.Secret;
        Grant = parts.Grant;
        Expires = parts.Expires;
        Seeds = parts.Seeds;
        Text = text;
    }

    public string PoolName { get; }

    /// <summary>64 hex digits.</summary>
    public string PoolId { get; }

    /// <summary>32 hex digits.</summary>
    public string Id { get; }

    /// <summary>32 bytes.</summary>
    public ReadOnlyMemory<byte> Secret => secret;

    /// <summary><see cref="GrantOrg"/> or <see cref="GrantNode"/>.</summary>
    public string Grant { get; }

    public DateTimeOffset Expires { get; }

    public IReadOnlyList<PoolSeed> Seeds { get; }

    /// <summary>The token. Secret.</summary>
    public string Text { get; }

    /// <summary>A new invitation, with a secret of its own.</summary>
    /// <exception cref="InvalidOperationException">A part breaks a rule; the message says which.</exception>
    public static Invitation Create(string poolName, string poolId, string grant, DateTimeOffset expires, IReadOnlyList<PoolSeed> seeds)
    {
        if (seeds.Count is 0 or > MaxSeeds || seeds.Any(seed => !PoolSyntax.IsEndpoint(seed.Endpoint) || seed.Identity.Length != PoolSyntax.KeySize))
        {
            throw new InvalidOperationException($"An invitation names 1 to {MaxSeeds} nodes as HOST:PORT and with their identity keys.");
        }

        var parts = new InvitationParts(
            poolName,
            poolId,
            RandomNumberGenerator.GetBytes(IdSize),
            RandomNumberGenerator.GetBytes(SecretSize),
            grant,
            PoolSyntax.Whole(expires),
            seeds);
        var text = Prefix + Base64Url.EncodeToString(parts.ToBytes());
        return text.Length > MaxLength
            ? throw new InvalidOperationException("The invitation gets too long to be copied: name fewer nodes, or shorter addresses.")
            : InvitationParts.Read(parts.ToBytes()) is null
                ? throw new InvalidOperationException("An invitation has a pool's name and id, and grants \"org\" or \"node\".")
                : new Invitation(parts, text);
    }

    /// <summary>Reads a token, blanks and line breaks of pasting left out; or says in one sentence why it cannot be used.</summary>
    public static Invitation? Parse(string text, DateTimeOffset now, out string? reason)
    {
        var token = text.Length > 2 * MaxLength ? "" : string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        reason = !token.StartsWith(Family, StringComparison.Ordinal)
                ? $"an invitation begins with {Prefix}; 'athens pool invite' on a member prints one"
            : !token.StartsWith(Prefix, StringComparison.Ordinal)
                ? "the invitation was made by another version of athens: use the same one on both nodes"
            : token.Length > MaxLength ? "the invitation is longer than any can be"
            : null;
        if (reason is not null)
        {
            return null;
        }

        if (Decode(token.AsSpan(Prefix.Length)) is not { } bytes || InvitationParts.Read(bytes) is not { } parts)
        {
            reason = "the invitation is not whole: a part was cut off or changed when it was copied";
            return null;
        }

        reason = parts.Expires <= now ? $"the invitation expired at {PoolSyntax.Format(parts.Expires)}; ask for a new one" : null;
        return reason is null ? new Invitation(parts, token) : null;
    }

    /// <summary>Only the one text that stands for the bytes.</summary>
    private static byte[]? Decode(ReadOnlySpan<char> text)
    {
        if (!Base64Url.IsValid(text) || text.Contains('='))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        return text.SequenceEqual(Base64Url.EncodeToString(bytes)) ? bytes : null;
    }
}
