using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Retrieval;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Federation.Identity;

/// <summary>Which certificates prove an identity: a node's own, and none that somebody put together from parts of it.</summary>
public sealed class CertificateCheckTests : IDisposable
{
    private readonly SigningKey identity = SigningKey.Create("identity");
    private readonly SigningKey other = SigningKey.Create("other");
    private readonly ECDsa key = Certificates.P256();

    public void Dispose()
    {
        identity.Dispose();
        other.Dispose();
        key.Dispose();
    }

    [Fact]
    public void A_nodes_certificate_proves_its_identity_key()
    {
        var time = new ManualTime();
        using var certificate = new NodeCertificate(identity, time);
        Assert.Equal(PeerKey.Of(identity.PublicKey.Span), certificate.KeyOf(certificate.Current, out var reason));
        Assert.Null(reason);
        using var asSent = X509CertificateLoader.LoadCertificate(certificate.Current.RawData);
        Assert.Equal(certificate.Key, certificate.KeyOf(asSent, out _));
        Assert.True(asSent.RawData.Length < 600, $"{asSent.RawData.Length} bytes");
        Assert.Equal(3, asSent.Version);
        Assert.DoesNotContain(Environment.MachineName, asSent.Subject, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void It_is_made_anew_when_half_of_its_life_is_over_and_not_before()
    {
        var time = new ManualTime();
        using var certificate = new NodeCertificate(identity, time);
        var first = certificate.Current.Thumbprint;
        time.Advance(TimeSpan.FromDays(44));
        Assert.Equal(first, certificate.Current.Thumbprint);
        time.Advance(TimeSpan.FromDays(1));
        Assert.NotEqual(first, certificate.Current.Thumbprint);
        Assert.Equal(certificate.Key, certificate.KeyOf(certificate.Current, out _));
        Assert.Equal(certificate.Current.Thumbprint, certificate.Context.TargetCertificate.Thumbprint);
        time.Advance(TimeSpan.FromDays(-200));
        Assert.Equal(certificate.Key, certificate.KeyOf(certificate.Current, out _));
    }

    [Fact]
    public void A_clock_may_be_an_hour_behind_and_no_more()
    {
        var time = new ManualTime();
        using var certificate = new NodeCertificate(identity, time);
        var now = time.GetUtcNow();
        Assert.NotNull(NodeCertificate.KeyOf(certificate.Current, now.AddHours(-1), out _));
        Assert.Null(NodeCertificate.KeyOf(certificate.Current, now.AddHours(-1).AddSeconds(-1), out var early));
        Assert.Contains("not valid before", early, StringComparison.Ordinal);
        Assert.NotNull(NodeCertificate.KeyOf(certificate.Current, now.AddDays(90).AddSeconds(-1), out _));
        Assert.Null(NodeCertificate.KeyOf(certificate.Current, now.AddDays(90), out var late));
        Assert.Contains("expired", late, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_certificate_there_is_no_identity() => Refused(null, "no certificate");

    [Fact]
    public void A_binding_taken_from_another_certificate_is_refused()
    {
        using var theirs = Certificates.Genuine(identity, Certificates.Now.AddHours(-1), Certificates.Now.AddHours(1));
        var stolen = theirs.Extensions.Single(extension => extension.Oid!.Value == IdentityBinding.Oid);
        using var forged = Certificates.Make(key, stolen);
        Refused(forged, "did not sign");
    }

    [Fact]
    public void A_binding_signed_by_another_key_is_refused()
    {
        var info = key.ExportSubjectPublicKeyInfo();
        var signature = other.Sign([.. "athens-federation-tls-v1:"u8, .. info]);
        using var forged = Certificates.Make(key, Certificates.Extension(Certificates.Binding(identity.PublicKey.Span, signature)));
        Refused(forged, "did not sign");
    }

    [Theory]
    [InlineData("")]
    [InlineData("libp2p-tls-handshake:")]
    [InlineData("athens-federation-tls-v2:")]
    public void A_signature_made_for_something_else_is_refused(string context)
    {
        using var forged = Certificates.Make(key, Certificates.Extension(Certificates.Binding(identity, key.ExportSubjectPublicKeyInfo(), context)));
        Refused(forged, "did not sign");
    }

    [Fact]
    public void An_identity_key_for_which_one_signature_fits_everything_is_refused()
    {
        // Small order: S = 0, R = the point itself.
        var point = new byte[32];
        point[0] = 1;
        using var forged = Certificates.Make(key, Certificates.Extension(Certificates.Binding(point, [.. point, .. new byte[32]])));
        Refused(forged, "did not sign");
    }

    [Fact]
    public void A_certificate_signed_by_another_tls_key_is_refused()
    {
        using var signer = Certificates.P256();
        var request = new CertificateRequest("CN=someone", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(Certificates.Extension(Certificates.Binding(identity, key.ExportSubjectPublicKeyInfo())));
        using var forged = request.Create(
            new X500DistinguishedName("CN=someone"), X509SignatureGenerator.CreateForECDsa(signer), Certificates.Now.AddHours(-1), Certificates.Now.AddHours(1), [1]);
        Refused(forged, "not signed by its own key");
    }

    [Fact]
    public void A_signature_with_another_hash_is_refused()
    {
        var request = new CertificateRequest("CN=someone", key, HashAlgorithmName.SHA512);
        request.CertificateExtensions.Add(Certificates.Extension(Certificates.Binding(identity, key.ExportSubjectPublicKeyInfo())));
        using var made = request.CreateSelfSigned(Certificates.Now.AddHours(-1), Certificates.Now.AddHours(1));
        Refused(made, "not signed by its own key");
    }

    [Fact]
    public void Other_curves_and_algorithms_are_refused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var large = Certificates.Make(p384, Certificates.Extension(Certificates.Binding(identity, p384.ExportSubjectPublicKeyInfo())));
        Refused(large, "P-256");
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=someone", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(Certificates.Extension(Certificates.Binding(identity, rsa.ExportSubjectPublicKeyInfo())));
        using var made = request.CreateSelfSigned(Certificates.Now.AddHours(-1), Certificates.Now.AddHours(1));
        Refused(made, "P-256");
    }

    [Fact]
    public async Task A_curve_spelled_out_is_refused_even_when_it_is_the_right_one()
    {
        // Parameters of the sender's own choosing are how CVE-2020-0601 took over other people's keys.
        using var folder = new TemporaryFolder("curve");
        string[] arguments =
        [
            "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-pkeyopt", "ec_param_enc:explicit",
            "-subj", "/CN=x", "-days", "1", "-keyout", folder.File("key.pem"), "-out", folder.File("made.pem"),
        ];
        (await ChildProcess.RunAsync("openssl", arguments, folder.Path, new Dictionary<string, string>(StringComparer.Ordinal), default)).OrFail();
        using var made = X509CertificateLoader.LoadCertificateFromFile(folder.File("made.pem"));
        Refused(made, "P-256");
    }

    [Fact]
    public void An_identity_named_twice_or_not_at_all_is_refused()
    {
        var binding = Certificates.Binding(identity, key.ExportSubjectPublicKeyInfo());
        using var none = Certificates.Make(key, new X509BasicConstraintsExtension(false, false, 0, true));
        Refused(none, "names no identity");
        using var once = Certificates.Make(key, Certificates.Extension(binding, critical: true));
        Assert.NotNull(NodeCertificate.KeyOf(once, Certificates.Now, out _));
        using var twice = Twice(binding);
        Refused(twice, "twice");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void An_identity_of_another_form_is_refused(int form)
    {
        var good = Certificates.Binding(identity, key.ExportSubjectPublicKeyInfo());
        byte[] bad = form switch
        {
            0 => [],
            1 => good[..^1],
            2 => [.. good, 0],
            3 => Certificates.Binding(identity.PublicKey.Span[1..], new byte[64]),
            4 => Certificates.Binding(identity.PublicKey.Span, new byte[63]),
            _ => [0x30, 0x81, .. good[1..]],
        };
        using var made = Certificates.Make(key, Certificates.Extension(bad));
        Refused(made, "the certificate");
    }

    [Fact]
    public void A_certificate_of_great_length_is_refused_before_it_is_looked_at()
    {
        var padding = new X509Extension("1.2.3.4", new byte[CertificateCheck.MaxLength], critical: false);
        using var made = Certificates.Make(key, padding, Certificates.Extension(Certificates.Binding(identity, key.ExportSubjectPublicKeyInfo())));
        Refused(made, "longer than");
    }

    [Fact]
    public void No_damaged_certificate_proves_anything_and_none_is_thrown_at()
    {
        using var good = Certificates.Genuine(identity, Certificates.Now.AddHours(-1), Certificates.Now.AddHours(1));
        var expected = PeerKey.Of(identity.PublicKey.Span);
        var random = new Random(11);
        var loaded = 0;
        for (var i = 0; i < good.RawData.Length * 8; i++)
        {
            var bytes = good.RawData;
            bytes[i / 8] ^= (byte)(1 << (i % 8));
            if (random.Next(4) == 0)
            {
                bytes = bytes[..random.Next(bytes.Length)];
            }

            try
            {
                using var damaged = X509CertificateLoader.LoadCertificate(bytes);
                loaded++;
                Assert.Null(NodeCertificate.KeyOf(damaged, Certificates.Now, out var reason));
                Assert.NotEmpty(reason!);
            }
            catch (CryptographicException)
            {
                // Not even a certificate: TLS itself ends the handshake.
            }
        }

        Assert.True(loaded > 1000, $"{loaded}");
        Assert.Equal(expected, NodeCertificate.KeyOf(good, Certificates.Now, out _));
    }

    [Fact]
    public void A_disposed_certificate_proves_nothing_and_does_not_throw()
    {
        var gone = Certificates.Genuine(identity, Certificates.Now.AddHours(-1), Certificates.Now.AddHours(1));
        gone.Dispose();
        Refused(gone, "cannot be read");
    }

    private static void Refused(X509Certificate2? certificate, string why)
    {
        Assert.Null(NodeCertificate.KeyOf(certificate, Certificates.Now, out var reason));
        Assert.Contains(why, reason, StringComparison.Ordinal);
    }

    /// <summary>.NET refuses to make such a certificate: it is made with a neighbouring OID, which is then changed and all signed again.</summary>
    private X509Certificate2 Twice(byte[] binding)
    {
        const string neighbour = "2.25.311621771988437066511125614266684292977";
        using var made = Certificates.Make(key, Certificates.Extension(binding), new X509Extension(neighbour, binding, critical: false));
        return ReSigned.With(made, key, Oid(neighbour), Oid(IdentityBinding.Oid));
    }

    private static byte[] Oid(string oid)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(oid);
        return writer.Encode();
    }
}
