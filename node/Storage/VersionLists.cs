using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Storage;

/// <summary>
/// Keeps <c>@v/list</c> for readers of the folder itself (GOPROXY=file://). The node's own front never reads it.
/// </summary>
internal sealed class VersionLists(StoreLayout layout, SqliteReaders facts)
{
    private readonly KeyedLocks pathLocks = new();

    /// <summary>Brings a path's list in line with the facts; whoever comes second finds it done. True: it was written.</summary>
    public async Task<bool> WriteAsync(string path, CancellationToken cancellationToken)
    {
        using var held = await pathLocks.TakeAsync(path, cancellationToken);
        var versions = await facts.ReadAsync(
            StoreSql.Versions, command => command.Set("$path", path), row => row.GetString(0), cancellationToken);
        var text = Encoding.ASCII.GetBytes(Text(versions));
        if (versions.Count == 0 || IsWritten(layout.ListFile(path), text))
        {
            return false;
        }

        await DiskWork.RunAsync(
            () => FileSystem.ReplaceDurably(layout.ListFile(path), text, layout.Staging), CancellationToken.None);
        return true;
    }

    /// <summary>
    /// One version a line, sorted. Tagged versions only, as a proxy lists them; a path that has none lists its
    /// pseudo-versions, as Go's own cache does: <c>go</c> skips them as versions and takes the newest for
    /// <c>@latest</c>, which a file tree could not answer otherwise.
    /// </summary>
    public static string Text(IReadOnlyCollection<string> versions)
    {
        var tagged = versions.Where(version => !SemanticVersion.IsPseudo(version)).ToList();
        var listed = tagged.Count > 0 ? tagged : [.. versions];
        listed.Sort(Compare);
        var text = new StringBuilder();
        foreach (var version in listed)
        {
            text.Append(version).Append('\n');
        }

        return text.ToString();
    }

    private static int Compare(string left, string right)
    {
        var order = SemanticVersion.Compare(left, right);
        return order != 0 ? order : string.CompareOrdinal(left, right);
    }

    private static bool IsWritten(string file, byte[] text)
    {
        var now = FileSystem.StampOf(file);
        return now is { } stamp && stamp.Size == text.Length && File.ReadAllBytes(file).AsSpan().SequenceEqual(text);
    }
}
