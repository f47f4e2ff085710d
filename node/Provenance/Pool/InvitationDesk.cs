using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// The invitations of this node. Of a secret only the hash is kept; what was used is durable before it is said. Whoever calls holds the book's lock.
/// </summary>
internal sealed class InvitationDesk
{
    /// <summary>Invitations that nobody has used yet: each is a way into the pool that somebody has to have in mind.</summary>
    public const int MaxOpen = 64;

    /// <summary>Invitations with those that were used, which are remembered until they expire, so that a lost answer can be given again.</summary>
    private const int MaxKept = 512;

    private const string Remedy = "Remove it: all open invitations end, and new ones can be made.";

    private readonly PoolFolder folder;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly OnceSaid said = new();
    private ImmutableList<Kept> kept;

    /// <exception cref="IOException">What is kept is damaged; the message says what to do.</exception>
    public InvitationDesk(PoolFolder folder, TimeProvider time, ILogger logger)
    {
        this.folder = folder;
        this.time = time;
        this.logger = logger;
        kept = [.. (folder.Read(PoolFolder.Invitations, Remedy) ?? []).Select(part => Parse(Encoding.UTF8.GetString(part.Span)))];
    }

    /// <summary>The longest that an invitation may wait.</summary>
    public static TimeSpan MaxLife { get; } = TimeSpan.FromDays(30);

    public IReadOnlyList<OpenInvitation> All =>
    [
        .. Valid
            .OrderBy(one => one.Expires)
            .ThenBy(one => one.Id, StringComparer.Ordinal)
            .Select(one => new OpenInvitation(one.Id, one.Grant, one.Expires, one.UsedBy)),
    ];

    private IEnumerable<Kept> Valid => kept.Where(one => one.Expires > time.GetUtcNow());

    /// <exception cref="InvalidOperationException">There are too many.</exception>
    /// <exception cref="IOException">It could not be kept.</exception>
    public void Add(Invitation invitation)
    {
        var valid = Valid.ToList();
        if (valid.Count(one => one.UsedBy is null) >= MaxOpen || valid.Count >= MaxKept)
        {
            throw new InvalidOperationException(
                $"There are {MaxOpen} open invitations, or very many that were used. Withdraw some, or wait until they expire.");
        }

        Keep([.. valid, new Kept(invitation.Id, SHA256.HashData(invitation.Secret.Span), invitation.Grant, invitation.Expires, UsedBy: null)]);
    }

    /// <exception cref="IOException">It could not be kept.</exception>
    public PoolTaken Redeem(byte[] secret, ReadOnlySpan<byte> identityKey, out string grant)
    {
        grant = "";
        var hash = SHA256.HashData(secret);
        Kept? found = null;
        foreach (var one in kept)
        {
            found = CryptographicOperations.FixedTimeEquals(one.SecretHash, hash) ? one : found;
        }

        if (found is null || identityKey.Length != PoolSyntax.KeySize)
        {
            return new PoolTaken(PoolEnd.Refused, "this node made no such invitation, or it was withdrawn");
        }

        if (found.Expires <= time.GetUtcNow())
        {
            return new PoolTaken(PoolEnd.Refused, "the invitation has expired; ask for a new one");
        }

        var identity = PoolSyntax.Identity(identityKey);
        if (found.UsedBy is { } user && user != identity)
        {
            if (said.IsNew($"{found.Id} {identity}"))
            {
                logger.UsedTwice(found.Id[..8], user, identity);
            }

            return new PoolTaken(
                PoolEnd.Refused, "the invitation was used by another node; ask for a new one, and tell them that somebody else had yours");
        }

        var isFirst = found.UsedBy is null;
        if (isFirst)
        {
            Keep([.. kept.Where(one => one.Expires > time.GetUtcNow()).Select(one => one == found ? found with { UsedBy = identity } : one)]);
        }

        grant = found.Grant;
        return isFirst
            ? new PoolTaken(PoolEnd.Taken, "the invitation is used")
            : new PoolTaken(PoolEnd.Known, "the invitation was used by this node before");
    }

    /// <exception cref="IOException">It could not be kept.</exception>
    public PoolTaken Withdraw(string id)
    {
        var found = id.Length < PoolBook.ShownDigits ? [] : kept.FindAll(one => one.Id.StartsWith(id, StringComparison.Ordinal));
        if (found.Count != 1)
        {
            return new PoolTaken(PoolEnd.Refused, "there is no such invitation, or more than one whose id begins so");
        }

        Keep(kept.Remove(found[0]));
        return new PoolTaken(PoolEnd.Taken, found[0].UsedBy is null
            ? "the invitation is withdrawn"
            : "the invitation is forgotten; it was used already, and what came of it stays");
    }

    /// <summary>When the pool is left; the file is moved with the others.</summary>
    public void Forget() => kept = [];

    private static Kept Parse(string line) =>
        line.Split(' ') is [{ Length: 2 * Invitation.IdSize } id, { Length: 2 * SHA256.HashSizeInBytes } hash, var grant, var expires, var usedBy]
        && RecordSyntax.IsSha256(hash) && PoolSyntax.TryParseTime(expires, out var time)
            ? new Kept(id, Convert.FromHexString(hash), grant, time, usedBy == "-" ? null : usedBy)
            : throw new IOException($"The pool's file '{PoolFolder.Invitations}' has a line that is none. {Remedy}");

    private void Keep(ImmutableList<Kept> next)
    {
        folder.Write(PoolFolder.Invitations, next.Select(one => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(one.ToLine())));
        kept = next;
    }

    private sealed record Kept(string Id, byte[] SecretHash, string Grant, DateTimeOffset Expires, string? UsedBy)
    {
        public string ToLine() => $"{Id} {Convert.ToHexStringLower(SecretHash)} {Grant} {PoolSyntax.Format(Expires)} {UsedBy ?? "-"}";
    }
}
