namespace Athens.Federation.Tests.Support;

/// <summary>
/// The Go program under tools/lib/program, which really uses twenty libraries of <see cref="GoRepositories"/>, one of each
/// feature among them. Its requirements lack the pseudo-version of go-units, which the repositories tell.
/// </summary>
internal static class ProgramSource
{
    /// <summary>What the built program prints.</summary>
    public const string Output = "20 libraries: 42B, 4.0.0, 3.5.1, 1.0 kB, one and two\n";

    /// <summary>Writes go.mod (no go.sum) and main.go. Build with GOFLAGS=-mod=mod.</summary>
    public static void Write(string folder, GoRepositories repositories)
    {
        RepositoryModule units = repositories.Modules.Single(module => module.Feature == "pseudo");
        string source = Path.Combine(SourceTree.Root, "tools", "lib", "program");
        IEnumerable<string> requirements =
            [.. File.ReadAllLines(Path.Combine(source, "requirements.txt")), $"{units.Path} {units.Version}"];
        File.WriteAllText(
            Path.Combine(folder, "go.mod"),
            $"module example.org/program\n\ngo 1.19\n\nrequire (\n\t{string.Join("\n\t", requirements)}\n)\n");
        File.Copy(Path.Combine(source, "main.go"), Path.Combine(folder, "main.go"));
    }
}
