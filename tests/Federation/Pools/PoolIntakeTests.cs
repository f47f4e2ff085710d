using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Provenance.Pool;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Pools;

/// <summary>How much of what is told of the pool is gone into, and on whose account.</summary>
public sealed class PoolIntakeTests : IDisposable
{
    private readonly PoolRig rig = new();
    private readonly PoolBook book;
    private readonly PoolIntake intake;

    public PoolIntakeTests()
    {
        book = rig.Pool(["a", "b", "evil"]);
        intake = new PoolIntake(book, rig.Time);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task An_organization_that_signs_without_end_uses_up_its_own_share_and_who_passes_it_on_is_not_blamed()
    {
        var changes = 0;
        book.Changed += () => changes++;
        for (var message = 0; message < 40; message++)
        {
            Assert.Null(await TellAsync("b", Enumerable.Range(message * 50, 50).Select(number => Statement("evil", number))));
        }

        Assert.Equal(8, changes);
        Assert.Null(await TellAsync("b", [Statement("b", 1), Statement("a", 2)]));
        Assert.Equal(["a", "b"], book.Current!.Statements.Select(one => one.Statement.Org).Where(static org => org != "evil").Order());

        rig.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Null(await TellAsync("a", [Statement("evil", 9000)]));
        Assert.Contains(book.Current!.Statements, static one => one.Statement.Node == "n9000");
    }

    [Fact]
    public async Task Who_tells_what_is_good_for_nothing_is_not_listened_to_for_a_while_with_all_its_organization()
    {
        string? reason = null;
        for (var message = 0; message < 45 && reason is null; message++)
        {
            reason = await TellAsync("evil", Enumerable.Repeat(ByteString.CopyFromUtf8("nothing"), 50));
        }

        Assert.Contains("without an end", reason, StringComparison.Ordinal);
        Assert.Contains("without an end", await TellAsync("evil", [Statement("evil", 1)]), StringComparison.Ordinal);
        Assert.Null(await TellAsync("b", [Statement("evil", 2)]));
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await TellAsync("evil", [Statement("evil", 3)]));
        Assert.Equal(["n2", "n3"], book.Current!.Statements.Select(one => one.Statement.Node).Order());
    }

    [Fact]
    public async Task What_is_known_costs_nobody_anything()
    {
        var known = Statement("a", 1);
        for (var message = 0; message < 100; message++)
        {
            Assert.Null(await TellAsync("a", Enumerable.Repeat(known, 50)));
        }

        Assert.Null(await TellAsync("a", [Statement("a", 2)]));
        Assert.Equal(2, book.Current!.Statements.Count);
    }

    private Task<string?> TellAsync(string org, IEnumerable<ByteString> statements)
    {
        PeerOptions sender = new(org + "/teller", "", PeerKey.Of(rig.Key("teller-" + org).PublicKey.Span), org, PeerTrust.Observe);
        return intake.HearAsync(sender, new Wire.PoolNews { Statements = { statements } }, CancellationToken.None);
    }

    /// <summary>Each newer than those before.</summary>
    private ByteString Statement(string org, int number)
    {
        using var node = SigningKey.Create("n");
        NodeDescription description = new($"n{number}", node.PublicKey, node.Verifier, CosignatureVerifier.Of(node), []);
        var issued = rig.Now - TimeSpan.FromDays(1) + TimeSpan.FromSeconds(number);
        return ByteString.CopyFrom(NodeStatement.Create(book.Current!.Id, org, description, issued, NodeStatement.UsualLife).Sign(rig.Key(org)));
    }
}
