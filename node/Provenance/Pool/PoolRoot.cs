using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// Who a pool is: its organizations and their keys, what it takes to believe a record and to change the pool. The text is what organizations sign;
/// each version says which one it follows (TUF 1.0.33, 5.3, "update the root role"). Every root has one text and is made from it.
/// </summary>
internal sealed class PoolRoot
{
    /// <summary>Orgs of a pool: a note has at most 100 signatures, and all of them may have to sign.</summary>
    public const int MaxOrgs = SignedNote.MaxSignatures;

    /// <summary>Patterns of private modules. Two an org, as each miss of a private module is compared with all of them.</summary>
    public const int MaxNamespaces = 200;

    /// <summary>Orgs that a quorum can ask for; more than a pool has can never be met and is allowed, as a stop.</summary>
    public const int MaxQuorum = 100;

    /// <summary>Characters of a text: all orgs and namespaces at their longest.</summary>
    public const int MaxLength = 128 << 10;

    private const string Header = "athens-federation pool root v1";

    private Dictionary<string, PoolOrg>? byName;

    private PoolRoot()
    {
    }

    /// <summary>A root is looked after at least this often.</summary>
    public static TimeSpan MaxLife { get; } = TimeSpan.FromDays(2 * 366);

    /// <summary>When nothing else is asked for.</summary>
    public static TimeSpan UsualLife { get; } = TimeSpan.FromDays(365);

    /// <summary>Of the pool.</summary>
    public required string Name { get; init; }

    /// <summary>From 1; grows from root to root, with gaps.</summary>
    public required long Version { get; init; }

    /// <summary><see cref="Sha256"/> of the root that this one follows; null in a first root only.</summary>
    public required string? Previous { get; init; }

    public required DateTimeOffset Issued { get; init; }

    /// <summary>From then on the members are not believed until a follower has come.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Orgs whose nodes must agree on a record before it counts.</summary>
    public required int Quorum { get; init; }

    /// <summary>
    /// Orgs that must sign a follower. With half of them or fewer (<see cref="IsMajority"/> is false) two groups of orgs can change the pool behind
    /// one another's back, and an org that was removed can join with others to undo it.
    /// </summary>
    public required int Threshold { get; init; }

    /// <summary>By name.</summary>
    public required IReadOnlyList<PoolOrg> Orgs { get; init; }

    /// <summary>Pattern of private modules (one element of GOPRIVATE) and the org whose they are; by pattern.</summary>
    public required IReadOnlyDictionary<string, string> Namespaces { get; init; }

    /// <summary>What is signed.</summary>
    public required string Text { get; init; }

    /// <summary>Of the text, 64 hex digits; a first root's is the pool's id.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Whether any two groups of orgs that can change the pool have an org in common.</summary>
    public bool IsMajority => Threshold > Orgs.Count / 2;

    /// <summary>Reads a root, or says in one sentence why the text is none.</summary>
    public static PoolRoot? Parse(string text, out string? reason)
    {
        var lines = new PoolLines(text, Header, "the pool root", MaxLength);
        var name = lines.Name("pool");
        var version = lines.Number("version", long.MaxValue);
        var previous = lines.Maybe("previous") is { } hash ? lines.Sha256(hash) : null;
        var issued = lines.Time("issued");
        var expires = lines.Time("expires");
        var quorum = (int)lines.Number("quorum", MaxQuorum);
        var threshold = (int)lines.Number("threshold", MaxOrgs);
        var orgs = PoolRootParts.ReadOrgs(lines);
        var namespaces = PoolRootParts.ReadNamespaces(lines, orgs);
        lines.End();
        Check(lines, version, previous, issued, expires);
        if (threshold > orgs.Count)
        {
            lines.Refuse("the pool root has a threshold above the number of its orgs");
        }

        reason = lines.Reason;
        return reason is not null ? null : new PoolRoot
        {
            Name = name,
            Version = version,
            Previous = previous,
            Issued = issued,
            Expires = expires,
            Quorum = quorum,
            Threshold = threshold,
            Orgs = orgs,
            Namespaces = namespaces,
            Text = text,
            Sha256 = PoolSyntax.Sha256(text),
        };
    }

    /// <summary>The root of a new pool: one org, which signs it alone.</summary>
    /// <exception cref="InvalidOperationException">A part breaks a rule; the message says which.</exception>
    public static PoolRoot First(string name, PoolOrg org, int quorum, DateTimeOffset issued) =>
        new PoolRootDraft
        {
            Name = name,
            Version = 1,
            Issued = issued,
            Expires = issued + UsualLife,
            Quorum = quorum,
            Threshold = 1,
            Orgs = [org],
            Namespaces = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal),
        }.ToRoot();

    /// <summary>The org of this name; null when the pool has none.</summary>
    public PoolOrg? Find(string org) => (byName ??= Orgs.ToDictionary(one => one.Name, StringComparer.Ordinal)).GetValueOrDefault(org);

    // The changes below are drafts: they keep version and previous of this root, so that several can be made one after the other, and are made a
    // follower by Following (PoolBook.Propose does). Each throws InvalidOperationException, with a sentence, when it cannot be made.

    /// <summary>Adds an org. A threshold that was the majority stays it.</summary>
    public PoolRoot AddOrg(PoolOrg org) => Draft().WithOrgs([.. Orgs, org]).ToRoot();

    /// <summary>Takes an org out, and its namespaces. A threshold that was the majority stays it.</summary>
    public PoolRoot RemoveOrg(string org)
    {
        RequireOrg(org);
        var draft = Draft();
        return (draft.WithOrgs([.. Orgs.Where(one => one.Name != org)]) with
        {
            Namespaces = draft.Namespaces.RemoveRange(draft.Namespaces.Where(one => one.Value == org).Select(one => one.Key)),
        }).ToRoot();
    }

    /// <summary>Gives an org another key. Both keys have to sign, as the org is asked as one of the old and of the new root.</summary>
    public PoolRoot ReplaceKey(string org, NoteVerifier key)
    {
        RequireOrg(org);
        return (Draft() with { Orgs = [.. Orgs.Select(one => one.Name == org ? one with { Key = key } : one)] }).ToRoot();
    }

    public PoolRoot SetQuorum(int quorum) => (Draft() with { Quorum = quorum }).ToRoot();

    public PoolRoot SetThreshold(int threshold) => (Draft() with { Threshold = threshold }).ToRoot();

    /// <summary>Gives private modules to an org; null takes the pattern out.</summary>
    public PoolRoot SetNamespace(string pattern, string? org)
    {
        var draft = Draft();
        return org is null && !Namespaces.ContainsKey(pattern)
            ? throw new InvalidOperationException($"The pool has no namespace {pattern}.")
            : (draft with { Namespaces = org is null ? draft.Namespaces.Remove(pattern) : draft.Namespaces.SetItem(pattern, org) }).ToRoot();
    }

    /// <summary>Moves the expiry.</summary>
    public PoolRoot Renew(DateTimeOffset now, TimeSpan life) => (Draft() with { Issued = now, Expires = now + life }).ToRoot();

    /// <summary>This content as a follower of another root.</summary>
    /// <exception cref="InvalidOperationException">A part breaks a rule, such as an expiry that lies before the time of issue.</exception>
    public PoolRoot Following(PoolRoot parent, long version, DateTimeOffset issued) =>
        (Draft() with { Version = version, Previous = parent.Sha256, Issued = issued }).ToRoot();

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} version {Version}");

    private static void Check(PoolLines lines, long version, string? previous, DateTimeOffset issued, DateTimeOffset expires)
    {
        if (version == 1 != previous is null)
        {
            lines.Refuse("the pool root does not name the one it follows, or is version 1 and names one");
        }

        if (expires <= issued || expires - issued > MaxLife)
        {
            lines.Refuse("the pool root does not expire after it was issued and within two years");
        }
    }

    private PoolRootDraft Draft() => new()
    {
        Name = Name,
        Version = Version,
        Previous = Previous,
        Issued = Issued,
        Expires = Expires,
        Quorum = Quorum,
        Threshold = Threshold,
        Orgs = Orgs,
        Namespaces = Namespaces.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    private void RequireOrg(string org)
    {
        if (Find(org) is null)
        {
            throw new InvalidOperationException($"The pool has no org {org}.");
        }
    }

    /// <summary>The parts of a root that is not checked yet.</summary>
    private sealed record PoolRootDraft
    {
        public required string Name { get; init; }

        public required long Version { get; init; }

        public string? Previous { get; init; }

        public required DateTimeOffset Issued { get; init; }

        public required DateTimeOffset Expires { get; init; }

        public required int Quorum { get; init; }

        public required int Threshold { get; init; }

        public required IReadOnlyList<PoolOrg> Orgs { get; init; }

        public required ImmutableSortedDictionary<string, string> Namespaces { get; init; }

        public PoolRootDraft WithOrgs(IReadOnlyList<PoolOrg> orgs) => this with
        {
            Orgs = orgs,
            Threshold = Threshold == (Orgs.Count / 2) + 1 ? (orgs.Count / 2) + 1 : Math.Clamp(Threshold, 1, Math.Max(1, orgs.Count)),
        };

        /// <exception cref="InvalidOperationException">A part breaks a rule.</exception>
        public PoolRoot ToRoot()
        {
            var text = Write();
            return Parse(text, out var reason) ?? throw new InvalidOperationException($"This change cannot be made: {reason}.");
        }

        private string Write()
        {
            var text = new StringBuilder($"{Header}\npool {Name}\n");
            text.Append(CultureInfo.InvariantCulture, $"version {Version}\n");
            text.Append(Previous is null ? "" : $"previous {Previous}\n");
            text.Append(CultureInfo.InvariantCulture, $"issued {PoolSyntax.Format(Issued)}\nexpires {PoolSyntax.Format(Expires)}\n");
            text.Append(CultureInfo.InvariantCulture, $"quorum {Quorum}\nthreshold {Threshold}\n");
            PoolRootParts.Write(text, Orgs, Namespaces);
            return text.ToString();
        }
    }
}
