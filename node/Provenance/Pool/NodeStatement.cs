using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// What an org says of a node of its own: who it is, which log and which witness key are its, where it can be dialled and for how long that holds.
/// Signed by the org's key alone. Every statement has one text and is made from it.
/// </summary>
internal sealed class NodeStatement
{
    /// <summary>Addresses of one node; peers try them in turn.</summary>
    public const int MaxEndpoints = 8;

    /// <summary>Characters of a text: all lines at their longest.</summary>
    public const int MaxLength = 8 << 10;

    private const string Header = "athens-federation node statement v1";

    private NodeStatement()
    {
    }

    /// <summary>A year, and time to renew it.</summary>
    public static TimeSpan MaxLife { get; } = TimeSpan.FromDays(400);

    /// <summary>When the org key lies on the node, which renews the statement at half of it.</summary>
    public static TimeSpan UsualLife { get; } = TimeSpan.FromDays(30);

    /// <summary>When a person signs it, on another machine.</summary>
    public static TimeSpan OfflineLife { get; } = TimeSpan.FromDays(365);

    /// <summary>64 hex digits.</summary>
    public required string PoolId { get; init; }

    /// <summary>Whose node it is.</summary>
    public required string Org { get; init; }

    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>Ed25519, 32 bytes: what the node shows in TLS.</summary>
    public required ReadOnlyMemory<byte> Identity { get; init; }

    /// <summary>Of the log that the node signs.</summary>
    public required NoteVerifier Log { get; init; }

    /// <summary>What the node's cosignatures are checked with.</summary>
    public required CosignatureVerifier Witness { get; init; }

    /// <summary>HOST:PORT; none when the node cannot be dialled.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    public required DateTimeOffset Issued { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>The node is no member any more.</summary>
    public required bool IsRevoked { get; init; }

    /// <summary>What is signed.</summary>
    public required string Text { get; init; }

    /// <summary>Of the text, 64 hex digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The identity as peers are pinned: <c>ed25519:</c> and base64.</summary>
    public required string IdentityText { get; init; }

    /// <summary>Reads a statement, or says in one sentence why the text is none.</summary>
    public static NodeStatement? Parse(string text, out string? reason)
    {
        var lines = new PoolLines(text, Header, "the node statement", MaxLength);
        var poolId = lines.Sha256(lines.Value("pool"));
        var org = lines.Name("org");
        var node = lines.Name("node");
        var identity = PoolSyntax.ParseIdentity(lines.Value("identity"));
        var log = ReadLog(lines.Value("log"));
        var witness = ReadWitness(lines.Value("witness"));
        var endpoints = ReadEndpoints(lines);
        var issued = lines.Time("issued");
        var expires = lines.Time("expires");
        var isRevoked = lines.MaybeBare("revoked");
        lines.End();
        if (identity is null || log is null || witness is null)
        {
            lines.Refuse("the node statement has a key that cannot be read");
        }

        if (expires <= issued || expires - issued > MaxLife)
        {
            lines.Refuse($"the node statement does not expire after it was issued and within {MaxLife.TotalDays} days");
        }

        reason = lines.Reason;
        return reason is not null ? null : new NodeStatement
        {
            PoolId = poolId,
            Org = org,
            Node = node,
            Identity = identity,
            IdentityText = PoolSyntax.Identity(identity),
            Log = log!,
            Witness = witness!,
            Endpoints = endpoints,
            Issued = issued,
            Expires = expires,
            IsRevoked = isRevoked,
            Text = text,
            Sha256 = PoolSyntax.Sha256(text),
        };
    }

    /// <summary>Makes a statement out of what the node is and how long that holds.</summary>
    /// <exception cref="InvalidOperationException">A part breaks a rule; the message says which.</exception>
    public static NodeStatement Create(string poolId, string org, NodeDescription node, DateTimeOffset issued, TimeSpan life) =>
        Checked(Write(poolId, org, node, issued, issued + life, isRevoked: false));

    /// <summary>
    /// The word that ends this node's membership. It lives as long as any statement can that was issued before, or an older one could be brought back
    /// when it is gone.
    /// </summary>
    public NodeStatement Revoked(DateTimeOffset now)
    {
        var issued = now > Issued ? now : Issued;
        return Checked(Write(PoolId, Org, new NodeDescription(Node, Identity, Log, Witness, []), issued, issued + MaxLife, isRevoked: true));
    }

    /// <summary>The note that the org's key makes of it.</summary>
    public byte[] Sign(SigningKey orgKey) => SignedNote.Sign(Text, orgKey);

    private static NodeStatement Checked(string text) =>
        Parse(text, out var reason) ?? throw new InvalidOperationException($"This node statement cannot be made: {reason}.");

    private static string Write(string poolId, string org, NodeDescription node, DateTimeOffset issued, DateTimeOffset expires, bool isRevoked)
    {
        var text = new StringBuilder($"{Header}\npool {poolId}\norg {org}\nnode {node.Name}\nidentity {PoolSyntax.Identity(node.Identity.Span)}\n");
        text.Append("log ").Append(node.Log).Append("\nwitness ").Append(node.Witness).Append('\n');
        foreach (var endpoint in node.Endpoints)
        {
            text.Append("endpoint ").Append(endpoint).Append('\n');
        }

        text.Append("issued ").Append(PoolSyntax.Format(issued)).Append("\nexpires ").Append(PoolSyntax.Format(expires)).Append('\n');
        return text.Append(isRevoked ? "revoked\n" : "").ToString();
    }

    private static NoteVerifier? ReadLog(string text) =>
        NoteVerifier.Parse(text, out _) is { } log && NoteName.IsShort(log.Name) && string.Equals(log.ToString(), text, StringComparison.Ordinal)
            ? log
            : null;

    private static CosignatureVerifier? ReadWitness(string text) =>
        CosignatureVerifier.Parse(text, out _) is { } witness && NoteName.IsShort(witness.Name)
        && string.Equals(witness.ToString(), text, StringComparison.Ordinal)
            ? witness
            : null;

    private static List<string> ReadEndpoints(PoolLines lines)
    {
        var endpoints = new List<string>();
        while (lines.Maybe("endpoint") is { } endpoint)
        {
            if (endpoints.Count == MaxEndpoints || !PoolSyntax.IsEndpoint(endpoint) || endpoints.Contains(endpoint, StringComparer.Ordinal))
            {
                lines.Refuse($"the node statement has an endpoint that is not HOST:PORT, one twice, or more than {MaxEndpoints}");
            }
            else
            {
                endpoints.Add(endpoint);
            }
        }

        return endpoints;
    }
}
