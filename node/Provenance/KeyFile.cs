using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance;

/// <summary>
/// One secret key in a file of its own: a line that says what it is, then the key as golang.org/x/mod/sumdb/note writes signer keys. The key's
/// name stands in it, so that renaming the node later does not rename the key.
/// </summary>
internal static class KeyFile
{
    /// <summary>Bytes: a comment, a name of 255 bytes and 60 characters of key come to less.</summary>
    private const int MaxLength = 1024;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads the key, or makes a new one when there is none.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="comment">What the key is, one line.</param>
    /// <param name="nameOf">Names a new key by its public key.</param>
    /// <exception cref="IOException">The file cannot be used; the message says what to do.</exception>
    public static SigningKey Open(string path, string comment, Func<ReadOnlyMemory<byte>, string> nameOf)
    {
        if (!Path.Exists(path) && new FileInfo(path).LinkTarget is null)
        {
            var created = SigningKey.Create(nameOf);
            if (TryWrite(path, comment, created))
            {
                return created;
            }

            created.Dispose();
        }

        return Read(path);
    }

    /// <summary>Reads a key that has to be there.</summary>
    /// <exception cref="IOException">It is not there, or cannot be used.</exception>
    public static SigningKey OpenExisting(string path) =>
        Path.Exists(path) ? Read(path) : throw new IOException($"There is no key at {path}.");

    /// <exception cref="IOException">Others can use the folder.</exception>
    public static void RequirePrivateFolder(string folder)
    {
        if (new DirectoryInfo(folder).LinkTarget is not null)
        {
            throw new IOException($"The folder of keys {folder} is a link. Put the folder itself there; keys are not read through links.");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & Others) != UnixFileMode.None)
        {
            throw new IOException($"Others than its owner may enter the folder of keys {folder}. Find out who did, then: chmod 700 {folder}");
        }
    }

    private static bool TryWrite(string path, string comment, SigningKey key)
    {
        var bytes = Encoding.UTF8.GetBytes($"# {comment}\n{key.ExportText()}\n");
        try
        {
            return DurableFile.TryCreate(path, bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static SigningKey Read(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            throw new IOException($"The key {path} is a link. Put the file itself there; keys are not read through links.");
        }

        // The length is asked before the file is opened: a pipe has none, and opening one waits for its other end.
        if (!file.Exists || file.Length is 0 or > MaxLength)
        {
            throw Unusable(path, "it is empty, too long, or not a file");
        }

        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & Others) != UnixFileMode.None)
        {
            throw new IOException(
                $"Others than its owner may read the key {path}. If nobody has, then: chmod 600 {path}; otherwise replace the key.");
        }

        var bytes = new byte[MaxLength];
        try
        {
            var length = RandomAccess.Read(handle, bytes, 0);
            var lines = Encoding.UTF8.GetString(bytes, 0, length).Split('\n').Where(line => line is not ("" or ['#', ..])).ToList();
            return lines.Count != 1
                ? throw Unusable(path, "it has not exactly one line with a key")
                : SigningKey.Parse(lines[0], out var reason) ?? throw Unusable(path, reason!);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static IOException Unusable(string path, string why) =>
        new($"The key {path} cannot be used: {why}. Restore it from a backup. Without one, remove the file: the node makes a new key, and its peers must be told.");
}
