using System.Security.Cryptography.X509Certificates;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Support;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Interop;

/// <summary>A node's keys and certificate, and what a program that is not a node needs to speak in its name.</summary>
internal sealed class Identity : IDisposable
{
    private readonly SigningKey signing;

    public Identity(string name)
    {
        Name = name;
        signing = SigningKey.Create(name);
        Certificate = new NodeCertificate(signing, TimeProvider.System);
    }

    public string Name { get; }

    public NodeCertificate Certificate { get; }

    public PeerKey Key => Certificate.Key;

    /// <summary>
    /// Files for a foreign program: this identity, its certificate and key, the other side's certificate as the only one it
    /// believes, and the protocol, as text and compiled.
    /// </summary>
    public void Export(TemporaryFolder folder, X509Certificate2 other)
    {
        using var key = Certificate.Current.GetECDsaPrivateKey()!;
        File.WriteAllBytes(folder.File("identity"), Key.Bytes.ToArray());
        File.WriteAllText(folder.File("own.pem"), Certificate.Current.ExportCertificatePem());
        File.WriteAllText(folder.File("own.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder.File("other.pem"), other.ExportCertificatePem());
        File.Copy(
            Path.Combine(SourceTree.Root, "protos", "athens", "federation", "v1", "federation.proto"),
            folder.File("federation.proto"),
            overwrite: true);
        File.WriteAllBytes(folder.File("federation.desc"), Wire.FederationReflection.Descriptor.SerializedData.ToByteArray());
    }

    public void Dispose()
    {
        Certificate.Dispose();
        signing.Dispose();
    }
}
