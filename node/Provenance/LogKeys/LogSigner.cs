using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.LogKeys;

/// <summary>
/// Signs heads of the node's own log: by its key, and, for a while after a rotation, by the key before as well, in Go's form, which has no name in its text. So
/// clients of either key verify one and the same head. Thread safe.
/// </summary>
internal sealed class LogSigner
{
    private readonly SigningKey key;
    private readonly TimeProvider time;
    private volatile SigningKey? former;

    /// <param name="key">The log key.</param>
    /// <param name="former">The key before, when it is there and was not revoked.</param>
    /// <param name="rotation">Between the two; null when there was none.</param>
    /// <param name="time">Ends the time of both.</param>
    public LogSigner(SigningKey key, SigningKey? former, LogRotation? rotation, TimeProvider time)
    {
        this.key = key;
        this.former = former;
        this.time = time;
        Rotation = rotation;
    }

    /// <summary>A log that has had one key only.</summary>
    public LogSigner(SigningKey key)
        : this(key, null, null, TimeProvider.System)
    {
    }

    public SigningKey Key => key;

    /// <summary>The last rotation, whether its time is over or not.</summary>
    public LogRotation? Rotation { get; }

    /// <summary>Whether heads are signed by the key before too.</summary>
    public bool SignsAsFormer => FormerNow is not null;

    private SigningKey? FormerNow => former is { } before && time.GetUtcNow() < Rotation!.Until ? before : null;

    /// <summary>What comes out must be stored before anybody sees it.</summary>
    public SignedHead Sign(TreeHead tree) => SignedHead.Sign(tree, key, FormerNow);

    /// <summary>Whether a head has all signatures that it would get now.</summary>
    public bool HasSigned(SignedHead head) =>
        SignedNote.Parse(head.Latest.Span, out _) is { } note && note.IsSignedBy(key.Verifier) && (FormerNow is not { } before || note.IsSignedBy(before.Verifier));

    /// <summary>From now on only the present key signs.</summary>
    public void EndFormer() => former = null;
}
