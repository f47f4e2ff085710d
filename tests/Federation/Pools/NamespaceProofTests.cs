using System.Net;
using Athens.Federation.Node.Discovery.Resolving;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Discovery;

namespace Athens.Federation.Tests.Federation.Pools;

/// <summary>Who gets a namespace of a pool: whoever can put a signed file or record on its domain.</summary>
public sealed class NamespaceProofTests
{
    private static readonly string Pool = new('b', 64);

    private readonly SigningKey acme = SigningKey.Create("acme/org/1");
    private readonly SigningKey globex = SigningKey.Create("globex/org/1");

    [Fact]
    public async Task A_file_on_the_domain_with_the_organizations_signature_is_enough()
    {
        Assert.Null(await AskAsync("corp.example/*", "acme", NamespaceProof.File(Pool, "corp.example/*", acme)));
        Assert.Equal("https://corp.example/.well-known/athens-pool", asked);
    }

    [Fact]
    public async Task What_proves_less_is_told_with_what_to_do()
    {
        Assert.Contains("answers 404", await AskAsync("corp.example/*", "acme", null), StringComparison.Ordinal);
        Assert.Contains("not signed with the key of acme", await AskAsync("corp.example/*", "acme", NamespaceProof.File(Pool, "corp.example/*", globex)), StringComparison.Ordinal);
        Assert.Contains("not about corp.example/*", await AskAsync("corp.example/*", "acme", NamespaceProof.File(new string('c', 64), "corp.example/*", acme)), StringComparison.Ordinal);
        Assert.Contains("not about corp.example/*", await AskAsync("corp.example/*", "acme", NamespaceProof.File(Pool, "corp.example/team/*", acme)), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await AskAsync("corp.example/*", "acme", new byte[100_000]), StringComparison.Ordinal);
        Assert.Contains("athens pool namespace", await AskAsync("corp.example/*", "acme", "<html>"u8.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("corp.example/*", "acme", 'b', null)]
    [InlineData("corp.example/*", "globex", 'b', "signed with the key of acme")]
    [InlineData("corp.example/*", "acme", 'c', "is about corp.example/* in this pool")]
    [InlineData("corp.example/team/*", "acme", 'b', "is about corp.example/* in this pool")]
    public async Task A_record_on_the_domain_says_as_much_as_the_file(string pattern, string org, char pool, string? missing)
    {
        var record = NamespaceProof.Record(new string(pool, 64), pattern, org == "acme" ? acme : globex);
        using ScriptedNameServer server = new(query => [ScriptedNameServer.Answer(query, Text("v=spf1 -all"), Text("athens-namespace="), Text("athens-namespace=a\nb"), Text(record)).ToByteArray()]);
        resolver = server.Address;
        var reason = await AskAsync("corp.example/*", "acme", null);
        Assert.Equal(missing is null, reason is null);
        Assert.Contains(missing ?? "", reason ?? "", StringComparison.Ordinal);
        Assert.Equal(missing is not null, asked is not null);
        Assert.InRange(record.Length, 1, 255);

        static Makaretu.Dns.TXTRecord Text(string text) => new() { Name = "_athens-pool.corp.example", Strings = [text] };
    }

    [Theory]
    [InlineData("*.example/x")]
    [InlineData("localhost/x")]
    [InlineData("corp.example:8443/x")]
    [InlineData("user@corp.example/x")]
    [InlineData("corp.example?/x")]
    public async Task A_pattern_without_a_domain_is_nobodys(string pattern)
    {
        Assert.Contains("does not begin with a domain", await AskAsync(pattern, "acme", []), StringComparison.Ordinal);
        Assert.Null(asked);
        Assert.Throws<ArgumentException>(() => NamespaceProof.File(Pool, pattern, acme));
    }

    private string? asked;

    /// <summary>Nobody answers there but where a test says so.</summary>
    private string resolver = "127.0.0.1:1";

    private async Task<string?> AskAsync(string pattern, string org, byte[]? file)
    {
        using NamespaceProof proof = new(new NameLookup(new NameServers(resolver), TimeProvider.System), new Web(file, address => asked = address));
        var root = PoolRoot.First("trial", new PoolOrg("acme", acme.Verifier), 1, DateTimeOffset.UnixEpoch.AddYears(60)).AddOrg(new PoolOrg("globex", globex.Verifier));
        return await proof.WhyNotAsync(Pool, root, root.SetNamespace(pattern, org), CancellationToken.None);
    }

    /// <summary>A web with one file.</summary>
    private sealed class Web(byte[]? file, Action<string> tell) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            tell(request.RequestUri!.ToString());
            return Task.FromResult(file is null ? new HttpResponseMessage(HttpStatusCode.NotFound) : new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(file) });
        }
    }
}
