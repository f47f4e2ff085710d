using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Storage;

/// <summary>Compares stored files with their facts, byte for byte, and zips and go.mods with their h1.</summary>
internal sealed class StoreVerification(
    StoreLayout layout, DiskFacts facts, DamagedFiles damaged, StoreFindings findings)
{
    private const int PageSize = 500;

    public async Task<List<ModuleFacts>> NextPageAsync(
        (string Path, string Version) after, CancellationToken cancellationToken) =>
        await facts.Readers.ReadAsync(
            StoreSql.Page,
            command =>
            {
                command.Set("$path", after.Path);
                command.Set("$version", after.Version);
                command.Set("$limit", PageSize);
            },
            FactsRow.Read,
            cancellationToken);

    public async ValueTask CheckAsync(ModuleFacts known, CancellationToken cancellationToken)
    {
        var good = true;
        foreach (var kind in Enum.GetValues<ModuleFileKind>())
        {
            good &= await CheckFileAsync(known, kind, cancellationToken);
        }

        if (good)
        {
            StoreZipHash.Repair(layout, known, findings);
            findings.Good();
        }
    }

    public async Task TellUnknownAsync(CancellationToken cancellationToken)
    {
        foreach (var entry in ModuleTree.Entries(layout.Download))
        {
            if (await facts.FindFreshAsync(entry.Module, cancellationToken) is null)
            {
                findings.Tell(
                    FindingKind.Unknown,
                    entry.Module,
                    $"Files of {entry.Module} are not in the database and not served; 'athens store rebuild' takes them in.");
            }
        }
    }

    private async Task<bool> CheckFileAsync(ModuleFacts known, ModuleFileKind kind, CancellationToken cancellationToken)
    {
        var path = layout.File(known.Module, kind);
        if (FileSystem.StampOf(path) is not { } stamp)
        {
            findings.Tell(FindingKind.Missing, known.Module, $"The {kind} file of {known.Module} is missing; it is fetched again.");
            return false;
        }

        var wrong = await FileDigests.OfAsync(path, cancellationToken) != known[kind]
            ? "its bytes are not those that were stored"
            : WrongHash(known, kind, path, cancellationToken);
        if (wrong is null)
        {
            return true;
        }

        damaged.SetAside(known.Module, kind, stamp);
        findings.Tell(
            FindingKind.Damaged,
            known.Module,
            $"The {kind} file of {known.Module} was set aside in {layout.Damaged}: {wrong}. It is fetched again.");
        return false;
    }

    private static string? WrongHash(ModuleFacts known, ModuleFileKind kind, string path, CancellationToken cancellationToken)
    {
        if (kind == ModuleFileKind.Mod)
        {
            var hash = DirHash.OfGoMod(File.ReadAllBytes(path));
            return hash == known.ModHash ? null : $"its hash is {hash}, the database says {known.ModHash}";
        }

        if (kind == ModuleFileKind.Info)
        {
            return null;
        }

        using var zip = FileSystem.OpenToRead(path);
        var (contents, reason) = ModuleZip.Check(zip, known.Module, cancellationToken);
        return contents is null ? reason
            : contents.Hash == known.ZipHash ? null
            : $"its hash is {contents.Hash}, the database says {known.ZipHash}";
    }
}

/// <summary>The <c>.ziphash</c> beside a zip: only readers of the folder use it, and it follows from the facts.</summary>
internal static class StoreZipHash
{
    public static void Repair(StoreLayout layout, ModuleFacts known, StoreFindings findings)
    {
        var path = layout.ZipHashFile(known.Module);
        var text = Encoding.ASCII.GetBytes(known.ZipHash);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(text))
        {
            return;
        }

        FileSystem.ReplaceDurably(path, text, layout.Staging);
        findings.Tell(FindingKind.Repaired, known.Module, $"The ziphash of {known.Module} was written anew.");
    }
}
