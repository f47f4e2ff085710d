using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Tests.Transparency;

/// <summary>The forked database of x/mod's own client test (sumdb/client_test.go, TestClientFork): its records, key, roots and evidence, as facts.</summary>
public sealed class GoForkVectorTests
{
    private const string Signer = "PRIVATE+KEY+localhost.localdev/sumdb+00000c67+AXu6+oaVaOYuQOFrf1V59JK1owcFlJcHwwXHDfDGxSPk";

    private static readonly string[] Before =
    [
        "rsc.io/quote v1.5.2 h1:w5fcysjrx7yqtD/aO+QwRjYZOKnaM9Uh2b40tElTs3Y=\n"
            + "rsc.io/quote v1.5.2/go.mod h1:LzX7hefJvL54yjefDEDHNONDjII0t9xZLPXsUe+TKr0=\nrsc.io/quote v1.5.2 h2:xyzzy\n",
        "golang.org/x/text v0.0.0-20170915032832-14c0d48ead0c h1:qgOY6WgZOaTkIIMiVjBQcw93ERBE4m30iBm00nkL0i8=\n"
            + "golang.org/x/text v0.0.0-20170915032832-14c0d48ead0c/go.mod h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ=\n",
        "rsc.io/sampler v1.3.0 h1:7uVkIFmeBqHfdjD+gZwtXXI+RODJ2Wc4O7MPEh/QiW4=\n"
            + "rsc.io/sampler v1.3.0/go.mod h1:T1hPZKmBbMNahiBKFy5HrXp6adAjACjK9JXDnKaTXpA=\n",
        "rsc.io/Quote v1.5.2 h1:uppercase!=\n",
    ];

    [Fact]
    public async Task Roots_signatures_and_the_proof_of_misbehaviour_are_those_that_go_prints()
    {
        var (one, _) = Grow("rsc.io/pkg1 v1.5.2 h1:hash!=\n");
        var (other, stored) = Grow("rsc.io/pkg1 v1.5.3 h1:hash!=\n", "rsc.io/pkg1 v1.5.4 h1:hash!=\n");
        Assert.Equal("nWzN20+pwMt62p7jbv1/NlN95ePTlHijabv5zO/s36w=", one.Root.ToString());
        Assert.Equal("wc4SkQt52o5W2nQ8To2ARs+mWuUJjss+sdleoiqxMmM=", other.Root.ToString());

        using var key = SigningKey.Parse(Signer, out _)!;
        Assert.Equal("localhost.localdev/sumdb+00000c67+AcTrnkbUA+TU4heY3hkjiSES/DSQniBqIeQ/YppAUtK6", key.Verifier.ToString());
        Assert.EndsWith(
            "\n\n— localhost.localdev/sumdb AAAMZ6oRNswlEZ6ZZhxrCvgl1MBy+nusq4JU+TG6Fe2NihWLqOzb+y2c2kzRLoCr4tvw9o36ucQEnhc20e4nA4Qc/wc=\n",
            Encoding.UTF8.GetString(SignedNote.Sign(GoTreeHead.Format(other), key)),
            StringComparison.Ordinal);

        var proof = await ConsistencyProof.ProveAsync(5, 6, stored, default);
        string[] printed = ["Nsuejv72de9hYNM5bqFv8rv3gm3zJQwv/DT/WNbLDLA=", "mOmqqZ1aI/lzS94oq/JSbj7pD8Rv9S+xDyi12BtVSHo=", "/7Aw5jVSMM9sFjQhaMg+iiDYPMk6decH7QLOGrL9Lx0="];
        Assert.Equal(printed, proof.Select(hash => hash.ToString()));
        Assert.Equal(HeadChange.BadProof, HeadComparison.Of(one, other, proof).Change);

        // What settles it: the root that the other history has at the first head's size.
        var evidence = await PrefixProof.ProveAsync(5, 6, stored, default);
        Assert.Equal("T7i+H/8ER4nXOiw4Bj0koZOkGjkxoNvlI34GpvhHhQg=", PrefixProof.RootOf(evidence, 5, other).ToString());
    }

    private static (TreeHead Head, Kept Stored) Grow(params string[] more)
    {
        var (edge, stored) = (new RightEdge(), new Kept([]));
        foreach (var text in Before.Concat(more))
        {
            edge.Append(MerkleTree.LeafHash(Encoding.UTF8.GetBytes(text)), stored.Hashes);
        }

        return (edge.Head, stored);
    }

    private sealed record Kept(List<MerkleHash> Hashes) : IHashReader
    {
        public ValueTask<MerkleHash[]> ReadAsync(ReadOnlyMemory<long> storedIndexes, CancellationToken cancellationToken) =>
            ValueTask.FromResult(storedIndexes.ToArray().Select(index => Hashes[(int)index]).ToArray());
    }
}
