using System.Security.Cryptography;
using System.Text.Json;
using Athens.Federation.Node.Modules;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Retrieval;

/// <summary>
/// Decides whether staged files may be admitted: Go's zip rules, the three files agreeing with one another and with the
/// name, claimed hashes equal to computed ones, and both equal to what this node has known before. The facts it gives
/// are computed here from the bytes.
/// </summary>
/// <param name="checks">Runs the checks of zips (<see cref="RetrievalOptions.Checks"/>); null: on threads of their own.</param>
internal sealed class Verifier(TaskScheduler? checks = null) : IDisposable
{
    /// <summary>Hashing and inflating keep a core busy for seconds: at least half of them stay for answering.</summary>
    public static readonly int MaxConcurrent = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>An Origin is a few lines of JSON; a larger one is dropped, since nothing is decided by it.</summary>
    private const int MaxOriginLength = 16 << 10;

    private const int MaxGoVersionLength = 64;

    private readonly SemaphoreSlim turns = new(MaxConcurrent, MaxConcurrent);

    /// <summary>Checks what <paramref name="source"/> staged against its claims and the facts held already, if any.</summary>
    /// <exception cref="IOException">The staged zip could not be read.</exception>
    public async Task<Verdict> VerifyAsync(
        StagedModule staged, FetchedModule claims, ModuleFacts? held, string source, CancellationToken cancellationToken)
    {
        if (CheckSmallFiles(staged) is { } reason)
        {
            return Verdict.Refuse(reason);
        }

        (ModuleZipContents? contents, string? malformed) = await CheckZipAsync(staged, cancellationToken);
        if (contents is null)
        {
            return Verdict.Refuse($"the zip breaks a rule: {malformed}");
        }

        string modHash = DirHash.OfGoMod(staged.Mod);
        return CompareMod(staged, contents, modHash)
            ?? Compare("the source's claim for the zip", claims.ClaimedZipHash, contents.Hash)
            ?? Compare("the source's claim for the go.mod", claims.ClaimedModHash, modHash)
            ?? Compare("the zip that this node has recorded", held?.ZipHash, contents.Hash)
            ?? Compare("the go.mod that this node has recorded", held?.ModHash, modHash)
            ?? Verdict.Accept(FactsOf(staged, contents, modHash, claims, source));
    }

    public void Dispose() => turns.Dispose();

    private static string? CheckSmallFiles(StagedModule staged)
    {
        if (staged.Mod.Length is 0 or > GoModFile.MaxSize)
        {
            return $"the .mod has {staged.Mod.Length} bytes; 1 to {GoModFile.MaxSize} are possible";
        }

        return InfoFile.Check(staged.Info, staged.Module.Version);
    }

    private async Task<(ModuleZipContents? Contents, string? Reason)> CheckZipAsync(
        StagedModule staged, CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken);
        try
        {
            // A thread of its own: seconds of work in the pool would stand in the way of requests.
            return await Task.Factory.StartNew(
                () => CheckZip(staged, cancellationToken),
                cancellationToken,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                checks ?? TaskScheduler.Default);
        }
        finally
        {
            turns.Release();
        }
    }

    private static (ModuleZipContents? Contents, string? Reason) CheckZip(
        StagedModule staged, CancellationToken cancellationToken)
    {
        FileInfo file = new(staged.ZipPath);
        if (!file.Exists)
        {
            return (null, "there is none");
        }

        // Bytes behind a link are not ours: they could change after the check.
        if (file.LinkTarget is not null)
        {
            return (null, "it is a link, not a file");
        }

        if (file.Length > ModuleZip.MaxSize)
        {
            return (null, $"it has {file.Length} bytes, more than {ModuleZip.MaxSize}");
        }

        staged.Seal();
        using SafeFileHandle zip = File.OpenHandle(staged.ZipPath, FileMode.Open, FileAccess.Read, FileShare.Read);
        return ModuleZip.Check(zip, staged.Module, cancellationToken);
    }

    private static Verdict? CompareMod(StagedModule staged, ModuleZipContents contents, string modHash)
    {
        byte[] expected = contents.RootGoMod ?? GoModFile.Synthesized(staged.Module.Path);
        bool same = contents.RootGoMod is null
            ? expected.AsSpan().SequenceEqual(staged.Mod)
            : GoModFile.SameText(staged.Mod, expected);
        string what = contents.RootGoMod is null ? "the .mod of a zip without go.mod" : "the .mod beside the zip's go.mod";
        return same ? null : Verdict.Disagree(what, DirHash.OfGoMod(expected), modHash);
    }

    private static Verdict? Compare(string what, string? expected, string computed) =>
        string.IsNullOrEmpty(expected) || string.Equals(expected, computed, StringComparison.Ordinal)
            ? null
            : Verdict.Disagree(what, expected, computed);

    private static ModuleFacts FactsOf(
        StagedModule staged, ModuleZipContents contents, string modHash, FetchedModule claims, string source) => new()
        {
            Module = staged.Module,
            ZipHash = contents.Hash,
            ModHash = modHash,
            Info = Digest(staged.Info),
            Mod = Digest(staged.Mod),
            Zip = new FileDigest(contents.Sha256, contents.Size),
            StoredAt = default, // the store sets it
            Source = source,
            GoVersion = claims.GoVersion.Length <= MaxGoVersionLength ? claims.GoVersion : "",
            Origin = IsOrigin(claims.Origin) ? claims.Origin : null,
        };

    private static FileDigest Digest(byte[] bytes) =>
        new(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Length);

    private static bool IsOrigin(string? origin)
    {
        if (origin is null || origin.Length > MaxOriginLength)
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(origin);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
