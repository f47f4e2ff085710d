using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>A client's certificate as gRPC shows it: its DNS names and its common name, in gRPC's own terms.</summary>
internal static class ClientIdentity
{
    private const string AlternativeName = "x509_subject_alternative_name";
    private const string CommonName = "x509_common_name";

    public static AuthContext Of(X509Certificate2? certificate)
    {
        var properties = new Dictionary<string, List<AuthProperty>>(StringComparer.Ordinal);
        if (certificate is null)
        {
            return new AuthContext(null, properties);
        }

        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames());
        List<AuthProperty> alternatives = [.. names.Select(name => Property(AlternativeName, name))];
        if (alternatives.Count > 0)
        {
            properties[AlternativeName] = alternatives;
        }

        properties[CommonName] = [Property(CommonName, certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false))];
        return new AuthContext(alternatives.Count > 0 ? AlternativeName : CommonName, properties);
    }

    private static AuthProperty Property(string name, string value) => AuthProperty.Create(name, Encoding.UTF8.GetBytes(value));
}
