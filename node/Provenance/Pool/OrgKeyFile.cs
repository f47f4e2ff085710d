using System.Security.Cryptography;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// The org's key when it lies on the node: <c>&lt;data&gt;/keys/org</c>, a file as <see cref="KeyFile"/> has it. To replace it, the next one is
/// staged as <c>org.next</c>, the pool is told, and the next one takes its place. All of it touches the disk.
/// </summary>
internal static class OrgKeyFile
{
    /// <summary>Hex digits of the public key's SHA-256 in the key's name.</summary>
    private const int Digits = 8;

    private const string Current = "org";
    private const string Next = "org.next";

    /// <summary>The org's key; null when it is not on this node.</summary>
    /// <exception cref="IOException">It cannot be used; the message says what to do.</exception>
    public static SigningKey? Find(string dataFolder) => Find(dataFolder, Current);

    /// <summary>The key that is to take the place of the org's key; null when none is staged.</summary>
    /// <exception cref="IOException">It cannot be used; the message says what to do.</exception>
    public static SigningKey? FindNext(string dataFolder) => Find(dataFolder, Next);

    /// <summary>The org's key, made and durable when it is not there yet.</summary>
    /// <exception cref="IOException">It cannot be used or made; the message says what to do.</exception>
    /// <exception cref="ArgumentException">The org's name is none.</exception>
    public static SigningKey Create(string dataFolder, string org) => Open(dataFolder, org, Current);

    /// <summary>The next key, made and durable when it is not there yet.</summary>
    /// <exception cref="IOException">It cannot be used or made; the message says what to do.</exception>
    /// <exception cref="ArgumentException">The org's name is none.</exception>
    public static SigningKey Stage(string dataFolder, string org) => Open(dataFolder, org, Next);

    /// <summary>
    /// Puts the staged key in the place of the org's key, once the pool's root has it. The old one is kept beside it, named after its public key.
    /// False when none is staged.
    /// </summary>
    /// <exception cref="IOException">A file could not be moved.</exception>
    public static bool Promote(string dataFolder)
    {
        var folder = FolderIn(dataFolder);
        using var next = Find(dataFolder, Next);
        if (next is null)
        {
            return false;
        }

        using (var old = Find(dataFolder, Current))
        {
            if (old is not null)
            {
                // A copy and not a move: at no time is there no key under the name.
                var secret = File.ReadAllBytes(Path.Combine(folder, Current));
                DurableFile.TryCreate(Path.Combine(folder, $"{Current}.{ShortOf(old.PublicKey)}"), secret);
                CryptographicOperations.ZeroMemory(secret);
            }
        }

        File.Move(Path.Combine(folder, Next), Path.Combine(folder, Current), overwrite: true);
        DurableFile.Sync(folder);
        return true;
    }

    private static SigningKey? Find(string dataFolder, string file)
    {
        var path = Path.Combine(FolderIn(dataFolder), file);
        return !Path.Exists(path) && new FileInfo(path).LinkTarget is null ? null : Open(dataFolder, "org", file);
    }

    private static SigningKey Open(string dataFolder, string org, string file)
    {
        if (!PoolSyntax.IsName(org))
        {
            throw new ArgumentException("An org's name has 1 to 64 letters, digits, dots, dashes and underscores.", nameof(org));
        }

        var folder = FolderIn(dataFolder);
        try
        {
            DurableFile.CreateFolder(folder);
            KeyFile.RequirePrivateFolder(folder);
            var key = KeyFile.Open(
                Path.Combine(folder, file),
                "The org key of an Athens Federation pool. Secret: whoever has it can speak for the organization.",
                publicKey => $"{org}/org/{ShortOf(publicKey)}");
            DurableFile.Sync(folder);
            return key;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(
                $"The org's key in {folder} cannot be read or made: {error.Message} Give the folder to the user that runs athens.", error);
        }
    }

    private static string FolderIn(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), "keys");

    private static string ShortOf(ReadOnlyMemory<byte> publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey.Span))[..Digits];
}
