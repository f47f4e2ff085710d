using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Where everything lies in a data folder. <c>download/</c> is laid out exactly as Go's own cache/download, so that the
/// folder is a GOPROXY=file:// tree as it lies there.
/// </summary>
internal sealed class StoreLayout(string dataFolder)
{
    public const string InfoExtension = ".info";
    public const string ModExtension = ".mod";
    public const string ZipExtension = ".zip";
    public const string ZipHashExtension = ".ziphash";
    private const string VersionsFolderName = "@v";

    public string Root { get; } = Path.GetFullPath(dataFolder);

    public string Download => Path.Combine(Root, "download");

    public string Database => Path.Combine(Root, "athens.db");

    /// <summary>The node's own log.</summary>
    public string LogDatabase => Path.Combine(Root, "log.db");

    /// <summary>Incidents and their evidence.</summary>
    public string Incidents => Path.Combine(Root, "incidents.db");
    /// <summary>Logs of other nodes.</summary>
    public string MirrorDatabase => Path.Combine(Root, "mirrors.db");

    /// <summary>What the node cosigned as a witness.</summary>
    public string Witness => Path.Combine(Root, "witness.db");

    /// <summary>What is kept of checksum databases of others.</summary>
    public string SumDb => Path.Combine(Root, "sumdb.db");

    /// <summary>Staging, on the same file system as <see cref="Download"/>. Whatever lies here at a start is litter.</summary>
    public string Staging => Path.Combine(Root, "tmp");

    /// <summary>Files whose bytes no longer match, kept for a person to look at.</summary>
    public string Damaged => Path.Combine(Root, "evidence", "damaged");

    public string LockFile => Path.Combine(Root, "athens.lock");

    public string VersionsFolder(string path) =>
        Path.Combine(Download, ModulePath.Escape(path), VersionsFolderName);

    public string ListFile(string path) => Path.Combine(VersionsFolder(path), "list");

    public string File(ModuleVersion module, ModuleFileKind kind) => VersionFile(module, Extension(kind));

    public string ZipHashFile(ModuleVersion module) => VersionFile(module, ZipHashExtension);

    /// <summary>The four files of a module version, the one that clients ask first (<c>.info</c>) at the end.</summary>
    public string[] FilesOf(ModuleVersion module) =>
    [
        VersionFile(module, ZipExtension),
        VersionFile(module, ZipHashExtension),
        VersionFile(module, ModExtension),
        VersionFile(module, InfoExtension),
    ];

    public static string Extension(ModuleFileKind kind) => kind switch
    {
        ModuleFileKind.Info => InfoExtension,
        ModuleFileKind.Mod => ModExtension,
        _ => ZipExtension,
    };

    private string VersionFile(ModuleVersion module, string extension) =>
        Path.Combine(VersionsFolder(module.Path), ModulePath.Escape(module.Version) + extension);
}
