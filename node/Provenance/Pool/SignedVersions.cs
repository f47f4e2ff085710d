using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// The highest version that each key of this node signed on each root: it signs only higher ones. An earlier signature that somebody kept can then
/// never win over a later one. Durable before a signature is made. Whoever calls holds the book's lock.
/// </summary>
internal sealed class SignedVersions
{
    /// <summary>Roots on which something was signed; a pool has fewer in its life. The oldest are forgotten.</summary>
    private const int MaxEntries = 2 * RootChain.MaxRoots;

    private const string Remedy =
        "Put it back from a backup. Without one, remove it, and replace the org's key with 'athens pool rotate-key': "
        + "what the old one signed is not known.";

    private readonly PoolFolder folder;
    private ImmutableList<Entry> entries;

    /// <exception cref="IOException">What is kept is damaged; the message says what to do.</exception>
    public SignedVersions(PoolFolder folder)
    {
        this.folder = folder;
        entries = [.. (folder.Read(PoolFolder.Signed, Remedy) ?? []).Select(part => Parse(Encoding.UTF8.GetString(part.Span)))];
    }

    /// <summary>The highest version signed on the root by the key; 0 when none was.</summary>
    public long Highest(PoolRoot parent, SigningKey key) => Find(parent, key)?.Version ?? 0;

    /// <summary>Why the key may not sign this root, in one sentence; null when it may.</summary>
    public string? Against(PoolRoot parent, PoolRoot root, SigningKey key) =>
        Find(parent, key) is { } signed && (root.Version < signed.Version || (root.Version == signed.Version && root.Sha256 != signed.Sha256))
            ? $"this org's key has signed another change, of version {signed.Version}; propose this one anew, it gets a higher version then"
            : null;

    /// <summary>Remembers, durably, what is to be signed now.</summary>
    /// <exception cref="IOException">It could not be kept; nothing may be signed.</exception>
    public void Remember(PoolRoot parent, PoolRoot root, SigningKey key)
    {
        var old = Find(parent, key);
        var fresh = new Entry(parent.Sha256, KeyText(key), root.Version, root.Sha256);
        if (old == fresh)
        {
            return;
        }

        var next = (old is null ? entries : entries.Remove(old)).Add(fresh);
        next = next.Count > MaxEntries ? next.RemoveAt(0) : next;
        folder.Write(PoolFolder.Signed, next.Select(one => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(one.ToLine())));
        entries = next;
    }

    private static string KeyText(SigningKey key) => Convert.ToBase64String(key.PublicKey.Span);

    private static Entry Parse(string line) =>
        line.Split(' ') is [var parent, var key, var number, var hash] && StrictNumber.TryParse(number, out var version)
            ? new Entry(parent, key, version, hash)
            : throw new IOException($"The pool's file '{PoolFolder.Signed}' has a line that is none. {Remedy}");

    private Entry? Find(PoolRoot parent, SigningKey key)
    {
        var text = KeyText(key);
        return entries.Find(one => one.Parent == parent.Sha256 && one.Key == text);
    }

    private sealed record Entry(string Parent, string Key, long Version, string Sha256)
    {
        public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Parent} {Key} {Version} {Sha256}");
    }
}
