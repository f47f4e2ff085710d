using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Upstream;

/// <summary>The upstream as a source of module versions: the real <c>go</c> command, one child for each question.</summary>
internal sealed class GoUpstream : IModuleSource
{
    /// <summary>Bytes of an <c>.info</c>: it holds a version, a time and an origin.</summary>
    private const int MaxInfo = 1 << 20;

    /// <summary>Bytes of a go.mod, as Go has it (golang.org/x/mod/zip.MaxGoMod).</summary>
    private const int MaxGoMod = 16 << 20;

    private readonly GoChildren children;
    private readonly GoCommand command;
    private readonly VcsCache cache;

    public GoUpstream(GoChildren children, GoCommand command, VcsCache cache)
    {
        this.children = children;
        this.command = command;
        this.cache = cache;
    }

    public async Task<Outcome<FetchedModule>> FetchAsync(StagedModule staged, CancellationToken cancellationToken)
    {
        ModuleVersion module = staged.Module;
        GoQuestion question = new(
            "go mod download", ["mod", "download", "-json", "--", module.ToString()], module.Path, module.Version, IsFetch: true);
        string goVersion = command.IsOff ? "" : await command.VersionAsync(cancellationToken);
        return await children.AskAsync(
            question, (scratch, output) => Take(staged, scratch, output, goVersion), cancellationToken);
    }

    public async Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken)
    {
        if (ModulePath.Check(path) is { } reason)
        {
            return Outcome<VersionList>.Absent(reason, AnswerSource.Upstream);
        }

        string subfolder = "";
        // Retracted versions too: an older go.sum may name them, and go itself leaves them out of "latest".
        GoQuestion question = new(
            "go list -versions", ["list", "-m", "-versions", "-retracted", "-json", "--", path], path, "", IsFetch: false);
        Outcome<VersionList> listed = await children.AskAsync(
            question, (_, output) => ReadVersions(path, output, out subfolder), cancellationToken);
        if (!listed.IsFound || listed.Value!.Versions.Count > 0 || subfolder.Length == 0)
        {
            return listed;
        }

        // Every folder of a repository has an empty list for go; only a query tells whether it is a module at all.
        Outcome<ResolvedVersion> latest = await ResolveAsync(path, "latest", cancellationToken);
        return latest.Kind == OutcomeKind.Absent ? latest.As<VersionList>() : listed;
    }

    public async Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken)
    {
        if ((ModulePath.Check(path) ?? GoQuery.Check(query)) is { } reason)
        {
            return Outcome<ResolvedVersion>.Absent(reason, AnswerSource.Upstream);
        }

        GoQuestion question = new(
            "go list", ["list", "-m", "-json", "--", $"{path}@{query}"], path, query, IsFetch: false);
        return await children.AskAsync(question, (_, output) => ReadResolved(path, output), cancellationToken);
    }

    private Outcome<FetchedModule> Take(StagedModule staged, ScratchFolder scratch, byte[] output, string goVersion)
    {
        ModuleVersion module = staged.Module;
        DownloadAnswer? answer = GoJson.Read(output, GoJson.Default.DownloadAnswer);
        if (answer is null || answer.Path != module.Path || answer.Version != module.Version)
        {
            return Strange<FetchedModule>($"the answer of \"go mod download\" is not about {module}");
        }

        if (!scratch.Owns(answer.Info) || !scratch.Owns(answer.GoMod) || !scratch.Owns(answer.Zip))
        {
            return Strange<FetchedModule>($"\"go mod download\" reported files of {module} that are not there");
        }

        if (new FileInfo(answer.Info).Length > MaxInfo || new FileInfo(answer.GoMod).Length > MaxGoMod ||
            new FileInfo(answer.Zip).Length > ModuleZip.MaxSize)
        {
            return Outcome<FetchedModule>.Forbidden($"{module} is larger than Go allows: 500 MiB for a zip, 16 MiB for a go.mod", AnswerSource.Upstream);
        }

        byte[] info = File.ReadAllBytes(answer.Info);
        if (GoJson.Read(info, GoJson.Default.InfoFile) is not { Time: { } taken } parsed || parsed.Version != module.Version)
        {
            return Strange<FetchedModule>($"the .info of {module} does not name that version");
        }

        // Older releases report the origin only in the .info.
        System.Text.Json.JsonElement origin = ModuleOrigin.Url(answer.Origin).Length > 0 ? answer.Origin : parsed.Origin;
        staged.Info = ModuleOrigin.HasCredentials(parsed.Origin) ? ModuleOrigin.Info(parsed.Version, taken, parsed.Origin) : info;
        staged.Mod = File.ReadAllBytes(answer.GoMod);
        File.Move(answer.Zip, staged.ZipPath, overwrite: true);
        cache.Used(ModuleOrigin.Url(origin));
        return Outcome<FetchedModule>.Found(
            new FetchedModule(answer.Sum, answer.GoModSum, ModuleOrigin.Json(origin), goVersion), AnswerSource.Upstream);
    }

    private Outcome<VersionList> ReadVersions(string path, byte[] output, out string subfolder)
    {
        subfolder = "";
        ListAnswer? answer = GoJson.Read(output, GoJson.Default.ListAnswer);
        if (answer is null || answer.Path != path)
        {
            return Strange<VersionList>($"the answer of \"go list\" is not about {path}");
        }

        cache.Used(ModuleOrigin.Url(answer.Origin));
        subfolder = ModuleOrigin.Subfolder(answer.Origin);
        List<string> versions = [.. (answer.Versions ?? [])
            .Where(version => version is not null && !SemanticVersion.IsPseudo(version) && ModulePath.CheckVersion(path, version) is null)
            .Distinct(StringComparer.Ordinal)];
        versions.Sort(SemanticVersion.Compare);
        return Outcome<VersionList>.Found(new VersionList(versions), AnswerSource.Upstream);
    }

    private Outcome<ResolvedVersion> ReadResolved(string path, byte[] output)
    {
        ListAnswer? answer = GoJson.Read(output, GoJson.Default.ListAnswer);
        if (answer is null || answer.Path != path || answer.Time is not { } taken ||
            ModulePath.CheckVersion(path, answer.Version) is not null)
        {
            return Strange<ResolvedVersion>($"the answer of \"go list\" has no version of {path}");
        }

        cache.Used(ModuleOrigin.Url(answer.Origin));
        return Outcome<ResolvedVersion>.Found(
            new ResolvedVersion(answer.Version, ModuleOrigin.Info(answer.Version, taken, answer.Origin)), AnswerSource.Upstream);
    }

    /// <summary>The command does not do what Go's does: this node's own fault, and nobody else's to hear as "not found".</summary>
    private static Outcome<T> Strange<T>(string reason)
        where T : class =>
        Outcome<T>.Faulty($"{reason}: this node's go command is broken", AnswerSource.Upstream);
}
