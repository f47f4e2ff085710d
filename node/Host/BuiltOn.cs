using System.Reflection;
using System.Runtime.InteropServices;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Node.Host;

/// <summary>The versions of the node and of what it is built on, substitutes told apart from published packages.</summary>
internal static class BuiltOn
{
    /// <summary>Packages that a substitute can stand in for, each with the assembly that the published one brings.</summary>
    private static readonly (string Package, string Assembly)[] Substitutable =
    [
        ("Tomlyn", "Tomlyn"),
        ("NSec.Cryptography", "NSec.Cryptography"),
        // The published package has no assembly of its own.
        ("Grpc.AspNetCore", "Grpc.AspNetCore.Server"),
        ("Grpc.Net.Client", "Grpc.Net.Client"),
        ("Grpc.Core.Api", "Grpc.Core.Api"),
        ("OpenTelemetry.Exporter.Zipkin", "OpenTelemetry.Exporter.Zipkin"),
        ("Makaretu.Dns.Multicast", "Makaretu.Dns.Multicast"),
    ];

    private static readonly string[] Published =
        ["Google.Protobuf", "OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "System.CommandLine"];

    public static IEnumerable<string> Describe()
    {
        yield return $"athens {Informational(typeof(BuiltOn).Assembly)}";
        yield return $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}";
        yield return $"SQLite {SqliteLibrary.Describe()}";
        foreach (var name in Published)
        {
            yield return $"{name} {Informational(Assembly.Load(name))}";
        }

        foreach (var (name, published) in Substitutable)
        {
            var assembly = Assembly.Load(Find(published) ?? name);

            // A substitute is built with this product and says so in its own metadata; a published package cannot.
            var isOurs = assembly.GetCustomAttribute<AssemblyProductAttribute>()?.Product
                == typeof(BuiltOn).Assembly.GetCustomAttribute<AssemblyProductAttribute>()?.Product;
            yield return isOurs ? $"{name} (substitute)" : $"{name} {Informational(assembly)}";
        }
    }

    /// <summary>The name, if the program was built with such an assembly.</summary>
    private static string? Find(string assembly) =>
        File.Exists(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")) ? assembly : null;

    private static string Informational(Assembly assembly)
    {
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 || version.Length - plus < 9 ? version : $"{version[..plus]} ({version.Substring(plus + 1, 8)})";
    }
}
