namespace Athens.Federation.Tests.Support;

/// <summary>The versions of <c>go</c> that can be had here: the machine's own, and those that tools/lib/go-versions unpacked.</summary>
internal static class GoVersions
{
    /// <summary>The machine's own.</summary>
    public const string Own = "own";

    private static readonly string[] Unpacked = ["1.21", "1.23", "1.24", "1.26", "1.27"];

    public static IReadOnlyList<string> All => [Own, .. Unpacked];

    /// <summary>The command of a version.</summary>
    public static string Command(string version) =>
        version == Own ? "go" : Path.Combine(SourceTree.Root, "artifacts", "go", version, "bin", "go");

    /// <summary>Why a version cannot be used; null when it can.</summary>
    public static string? Missing(string version) =>
        version == Own || File.Exists(Command(version)) ? null : $"go {version} is missing: run tools/lib/go-versions";
}

/// <summary>A test with one version of <c>go</c>; skipped, and counted as such, where it cannot be had.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class InlineGoAttribute : Xunit.Sdk.DataAttribute
{
    private readonly string version;

    public InlineGoAttribute(string version)
    {
        this.version = version;
        Skip = GoVersions.Missing(version);
    }

    public override IEnumerable<object[]> GetData(System.Reflection.MethodInfo testMethod) => [[version]];
}
