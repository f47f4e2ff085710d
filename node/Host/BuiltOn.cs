using System.Reflection;
using System.Runtime.InteropServices;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Node.Host;

/// <summary>The versions of the node and of what it is built on, substitutes told apart from published packages.</summary>
internal static class BuiltOn
{
    /// <summary>Packages that a substitute can stand in for.</summary>
    private static readonly string[] Substitutable = ["Tomlyn", "NSec.Cryptography", "OpenTelemetry.Exporter.Zipkin"];

    private static readonly string[] Published = ["OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "System.CommandLine"];

    public static IEnumerable<string> Describe()
    {
        yield return $"athens {Informational(typeof(BuiltOn).Assembly)}";
        yield return $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}";
        yield return $"SQLite {SqliteLibrary.Describe()}";
        foreach (var name in Published)
        {
            yield return $"{name} {Informational(Assembly.Load(name))}";
        }

        foreach (var name in Substitutable)
        {
            var assembly = Assembly.Load(name);

            // A substitute is built with this product and says so in its own metadata; a published package cannot.
            var isOurs = assembly.GetCustomAttribute<AssemblyProductAttribute>()?.Product
                == typeof(BuiltOn).Assembly.GetCustomAttribute<AssemblyProductAttribute>()?.Product;
            yield return isOurs ? $"{name} (substitute)" : $"{name} {Informational(assembly)}";
        }
    }

    private static string Informational(Assembly assembly)
    {
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 || version.Length - plus < 9 ? version : $"{version[..plus]} ({version.Substring(plus + 1, 8)})";
    }
}
