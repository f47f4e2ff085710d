using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>Kept statements by the hashes of their texts. Shared by all who compare with one state of the pool. Thread safe.</summary>
internal sealed class StatementSet(IReadOnlyList<SignedStatement> statements)
{
    private readonly FrozenSet<string> hashes = statements.Select(static one => one.Statement.Sha256).ToFrozenSet(StringComparer.Ordinal);
    private readonly Lazy<ReadOnlyMemory<byte>> digest = new(() => DigestOf(statements));

    public IReadOnlyList<SignedStatement> Statements => statements;

    /// <summary>SHA-256 over the hashes in ascending order, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Digest => digest.Value;

    public bool Contains(string hash) => hashes.Contains(hash);

    private static ReadOnlyMemory<byte> DigestOf(IReadOnlyList<SignedStatement> statements)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var hash in statements.Select(static one => one.Statement.Sha256).Order(StringComparer.Ordinal))
        {
            all.AppendData(Convert.FromHexString(hash));
        }

        return all.GetHashAndReset();
    }
}
