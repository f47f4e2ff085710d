namespace Athens.Federation.Node.Modules;

/// <summary>
/// A module path and a canonical version (<c>github.com/pkg/errors</c>, <c>v0.9.1</c>), both checked by Go's rules:
/// a value of this type is safe to escape into a file name and to hand to the <c>go</c> command.
/// </summary>
internal sealed record ModuleVersion
{
    private ModuleVersion(string path, string version)
    {
        Path = path;
        Version = version;
    }

    /// <summary>The module path, unescaped.</summary>
    public string Path { get; }

    /// <summary>The canonical version, unescaped; <c>+incompatible</c> is part of it.</summary>
    public string Version { get; }

    /// <summary>Makes a module version, or says in one sentence why the two cannot be one (golang.org/x/mod/module.Check).</summary>
    public static ModuleVersion? Create(string path, string version, out string? reason)
    {
        reason = ModulePath.Check(path) ?? ModulePath.CheckVersion(path, version);
        return reason is null ? new ModuleVersion(path, version) : null;
    }

    /// <summary><c>path@version</c>, as Go writes it.</summary>
    public override string ToString() => $"{Path}@{Version}";
}
