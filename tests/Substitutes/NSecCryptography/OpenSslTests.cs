using Athens.Federation.Tests.Support;
using NSec.Cryptography;

namespace Athens.Federation.Tests.Substitutes.NSecCryptography;

/// <summary>Keys and signatures exchanged with the openssl command, which reads and writes them in its own formats.</summary>
public sealed class OpenSslTests : IDisposable
{
    private static readonly byte[] Pkcs8 = Convert.FromHexString("302e020100300506032b657004220420");
    private static readonly byte[] Spki = Convert.FromHexString("302a300506032b6570032100");

    private readonly TemporaryFolder folder = new("openssl");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(100_000)]
    public async Task Each_checks_what_the_other_signed(int length)
    {
        var data = new byte[length];
        new Random(length).NextBytes(data);
        using var key = Create();
        await File.WriteAllBytesAsync(folder.File("data"), data);
        await File.WriteAllBytesAsync(folder.File("ours"), SignatureAlgorithm.Ed25519.Sign(key, data));
        await File.WriteAllBytesAsync(folder.File("private"), [.. Pkcs8, .. key.Export(KeyBlobFormat.RawPrivateKey)]);
        await File.WriteAllBytesAsync(folder.File("public"), [.. Spki, .. key.Export(KeyBlobFormat.RawPublicKey)]);
        await RunAsync("pkeyutl -sign -rawin -in data -inkey private -keyform DER -out theirs");
        var theirs = await File.ReadAllBytesAsync(folder.File("theirs"));
        Assert.True(SignatureAlgorithm.Ed25519.Verify(key.PublicKey, data, theirs));
        await RunAsync("pkeyutl -verify -rawin -in data -pubin -inkey public -keyform DER -sigfile ours");
    }

    [Fact]
    public async Task A_key_that_openssl_made_signs_here_with_the_same_public_key()
    {
        await RunAsync("genpkey -algorithm ed25519 -outform DER -out private");
        await RunAsync("pkey -in private -inform DER -pubout -outform DER -out public");
        var seed = (await File.ReadAllBytesAsync(folder.File("private")))[Pkcs8.Length..];
        using var key = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        Assert.Equal((await File.ReadAllBytesAsync(folder.File("public")))[Spki.Length..], key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    private static Key Create() =>
        Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });

    private async Task RunAsync(string arguments) =>
        (await ChildProcess.RunAsync(
            "openssl", arguments.Split(' '), folder.Path, new Dictionary<string, string>(StringComparer.Ordinal), CancellationToken.None)).OrFail();
}
