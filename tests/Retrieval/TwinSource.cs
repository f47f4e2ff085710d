using System.Collections.Concurrent;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

/// <summary>An upstream in memory that hangs, lies and fails on purpose.</summary>
internal sealed class TwinSource : IModuleSource
{
    private int fetches;
    private int lists;
    private int resolves;

    public ConcurrentDictionary<ModuleVersion, GenuineModule> Published { get; } = new();

    public ConcurrentDictionary<string, string[]> Tags { get; } = new();

    public ConcurrentDictionary<string, GenuineModule> Answers { get; } = new();

    /// <summary>Done to what an honest fetch staged.</summary>
    public Action<StagedModule>? Spoil { get; set; }

    public Func<FetchedModule, FetchedModule> Claim { get; set; } = static claims => claims;

    /// <summary>When set, every call fails like this.</summary>
    public OutcomeKind? Failing { get; set; }

    /// <summary>When set, every call throws it.</summary>
    public Exception? Throwing { get; set; }

    /// <summary>When set, every call waits for it, or for the flight's token.</summary>
    public TaskCompletionSource? Hang { get; set; }

    /// <summary>Released once for each call that has begun.</summary>
    public SemaphoreSlim Calls { get; } = new(0);

    public int Fetches => Volatile.Read(ref fetches);

    public int Lists => Volatile.Read(ref lists);

    public int Resolves => Volatile.Read(ref resolves);

    public string Name { get; set; } = AnswerSource.Upstream;

    /// <summary>Waits for the next call to begin; a call that never comes fails the test instead of hanging it.</summary>
    public async Task CalledAsync() => Assert.True(await Calls.WaitAsync(TimeSpan.FromSeconds(30)), "no call came");

    public GenuineModule Publish(GenuineModule module)
    {
        Published[module.Module] = module;
        return module;
    }

    public async Task<Outcome<FetchedModule>> FetchAsync(StagedModule staged, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref fetches);
        if (await GateAsync<FetchedModule>(cancellationToken) is { } failed)
        {
            return failed;
        }

        if (!Published.TryGetValue(staged.Module, out GenuineModule? module))
        {
            return Outcome<FetchedModule>.Absent($"{staged.Module}: not found", Name);
        }

        staged.Info = module.Info;
        staged.Mod = module.Mod;
        await File.WriteAllBytesAsync(staged.ZipPath, module.Zip, cancellationToken);
        Spoil?.Invoke(staged);
        return Outcome<FetchedModule>.Found(
            Claim(new FetchedModule(module.ZipHash, module.ModHash, module.Origin, "go1.19.8")), Name);
    }

    public async Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref lists);
        return await GateAsync<VersionList>(cancellationToken)
            ?? (Tags.TryGetValue(path, out string[]? tags)
                ? Outcome<VersionList>.Found(new VersionList(tags), Name)
                : Outcome<VersionList>.Absent($"{path}: not found", Name));
    }

    public async Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref resolves);
        return await GateAsync<ResolvedVersion>(cancellationToken)
            ?? (Answers.TryGetValue($"{path}@{query}", out GenuineModule? module)
                ? Outcome<ResolvedVersion>.Found(new ResolvedVersion(module.Module.Version, module.Info), Name)
                : Outcome<ResolvedVersion>.Absent($"{path}@{query}: not found", Name));
    }

    private async Task<Outcome<T>?> GateAsync<T>(CancellationToken cancellationToken)
        where T : class
    {
        Calls.Release();
        if (Hang is { } hang)
        {
            await hang.Task.WaitAsync(cancellationToken);
        }

        if (Throwing is { } exception)
        {
            throw exception;
        }

        return Failing is { } kind ? new Outcome<T>(kind, null, $"twin says {kind}", Name) : null;
    }
}
