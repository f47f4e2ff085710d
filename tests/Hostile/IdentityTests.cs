using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Federation.Identity;

namespace Athens.Federation.Tests.Hostile;

/// <summary>Somebody else at the address of a peer, or a certificate that proves nothing.</summary>
[Collection(HostileCases.Name)]
public sealed class IdentityTests(NodeUnderTest node)
{
    private static readonly Dictionary<string, Func<SigningKey, X509Certificate2>> Kinds = new(StringComparer.Ordinal)
    {
        ["other-identity"] = static _ => OfAnother(),
        ["expired"] = static identity => Certificates.Genuine(identity, Now.AddDays(-90), Now.AddMinutes(-10)),
        ["not-yet-valid"] = static identity => Certificates.Genuine(identity, Now.AddDays(1), Now.AddDays(90)),
        ["binding-of-another-certificate"] = static identity =>
        {
            using ECDsa theirs = Certificates.P256();
            return WithBinding(Certificates.Binding(identity, theirs.ExportSubjectPublicKeyInfo()));
        },
        ["binding-not-signed"] = static identity => WithBinding(Certificates.Binding(identity.PublicKey.Span, new byte[64])),
        ["binding-garbage"] = static _ => WithBinding([0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]),
        ["no-binding"] = static _ => WithBinding(null),
    };

    public static TheoryData<string> Cases() => [.. Kinds.Keys];

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Whoever_does_not_prove_the_pinned_key_is_asked_nothing(string kind)
    {
        await using Encounter encounter = await Encounter.BeginAsync(
            node, kind, prepare: liar => liar.Certificate = Kinds[kind](liar.Identity), connects: false);
        await encounter.AssertLoggedAsync($"the address of peer {kind}, somebody else answers");
        Assert.Contains("SECURITY", encounter.Log, StringComparison.Ordinal);
        await encounter.FetchAsync();
        Assert.DoesNotContain($"Peer {kind} connected", encounter.Log, StringComparison.Ordinal);
        Assert.Equal(0, encounter.Liar.Calls);
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_certificate_that_is_swapped_between_two_connections_is_noticed()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "swapped", prepare: static liar => liar.Lie((served, frames, context) =>
        {
            liar.Certificate = OfAnother();
            PoisonedConnection.Poison(context, static (_, _) => Task.CompletedTask);
            return StreamLies.TruncatedAsync(served, frames, context);
        }));
        await encounter.FetchUntilLiedToAsync();
        await encounter.AssertLoggedAsync("the address of peer swapped, somebody else answers");
        await encounter.FetchAsync();
        await encounter.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_peer_that_states_another_identity_than_its_certificate_is_caught_lying()
    {
        await using Encounter encounter = await Encounter.BeginAsync(node, "two-faced", connects: false, prepare: static liar => liar.Hello = static hello =>
        {
            hello.IdentityKey = Google.Protobuf.ByteString.CopyFrom(new byte[32]);
            return hello;
        });
        await encounter.AssertSetAsideAsync("Lied");
        await encounter.FetchAsync();
        await encounter.AssertUnharmedAsync();
    }

    private static X509Certificate2 OfAnother()
    {
        using SigningKey another = SigningKey.Create("another");
        return Certificates.Genuine(another, Now.AddHours(-1), Now.AddDays(1));
    }

    private static X509Certificate2 WithBinding(byte[]? binding)
    {
        using ECDsa key = Certificates.P256();
        CertificateRequest request = new("CN=someone", key, HashAlgorithmName.SHA256);
        if (binding is not null)
        {
            request.CertificateExtensions.Add(Certificates.Extension(binding));
        }

        return request.CreateSelfSigned(Now.AddHours(-1), Now.AddDays(1));
    }
}
