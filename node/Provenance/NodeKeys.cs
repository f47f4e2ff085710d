using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance;

/// <summary>The node's own keys, one for each role, in <c>&lt;data&gt;/keys</c> (folder 0700, files 0600); made at first use and durable before it.</summary>
internal sealed class NodeKeys : IDisposable
{
    /// <summary>Characters of the node's name in its keys' names.</summary>
    private const int MaxNodeName = 100;

    /// <summary>Hex digits of the public key's SHA-256 in a key's name: two nodes of one name are told apart.</summary>
    private const int Digits = 8;

    private static readonly string LogComment = Comment("log key", "can sign records as this node");

    private readonly LogKeyFiles logFiles;
    private readonly string node;

    private NodeKeys(string folder, string nodeName, bool isLogKept)
    {
        node = Fit(nodeName);
        logFiles = new LogKeyFiles(folder);
        Identity = KeyFile.Open(Path.Combine(folder, "identity"), Comment("identity key", "can pass for this node"), key => $"{node}/identity/{ShortOf(key)}");
        try
        {
            if (isLogKept)
            {
                logFiles.Finish(Identity);
            }

            Log = isLogKept ? KeyFile.Open(logFiles.Key, LogComment, LogName) : SigningKey.Create(LogName);
            Rotation = isLogKept ? logFiles.ReadRotation(Log, Identity) : null;
            Former = logFiles.ReadFormer(Rotation);
            Witness = KeyFile.Open(Path.Combine(folder, "witness"), Comment("witness key", "can witness logs as this node"), key => $"{node}/witness/{ShortOf(key)}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whose public part peers pin; it signs the certificate's key, and what becomes of log keys.</summary>
    public SigningKey Identity { get; }

    /// <summary>Signs records and heads. Its name was made at first start and stays, whatever the node is called later.</summary>
    public SigningKey Log { get; }

    /// <summary>How <see cref="Log"/> came after another key; null when it is the first.</summary>
    public LogRotation? Rotation { get; }

    /// <summary>The log key before, when it may still sign (<see cref="LogSigner"/>); else null.</summary>
    public SigningKey? Former { get; }

    /// <summary>Signs that other nodes' logs were found consistent.</summary>
    public SigningKey Witness { get; }

    /// <summary>Reads the keys and makes those that are missing. Touches the disk.</summary>
    /// <param name="dataFolder">The node's.</param>
    /// <param name="nodeName">What new keys are named by.</param>
    /// <param name="isLogKept">False for a node whose log ends with its process: its log key must too, or one name would stand for several histories.</param>
    /// <exception cref="IOException">A key cannot be read, written or trusted; the message says what to do.</exception>
    public static NodeKeys Open(string dataFolder, string nodeName, bool isLogKept = true)
    {
        var folder = FolderIn(dataFolder);
        try
        {
            DurableFile.CreateFolder(folder);
            KeyFile.RequirePrivateFolder(folder);
            var keys = new NodeKeys(folder, nodeName, isLogKept);
            DurableFile.Sync(folder);
            return keys;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(
                $"The node's keys in {folder} cannot be read or made: {error.Message} Give the folder to the user that runs athens.", error);
        }
    }

    /// <summary>
    /// Takes the log key out of use: the next <see cref="Open"/> makes a new one, under a new name. The old one is kept, for whoever has to prove what it signed.
    /// </summary>
    /// <param name="dataFolder">The node's.</param>
    /// <param name="into">An existing folder of the same file system.</param>
    public static void RetireLog(string dataFolder, string into) => new LogKeyFiles(FolderIn(dataFolder)).Retire(into);

    /// <summary>Gives the log another key, with another name; the next <see cref="Open"/> has it. Touches the disk; whatever interrupts it, the log has one of the two.</summary>
    /// <param name="at">The log's head, signed by the present key.</param>
    /// <param name="until">So long both keys sign.</param>
    public LogRotation RotateLog(TreeHead at, DateTimeOffset until)
    {
        using var next = logFiles.MakeNext(LogComment, LogName);
        var rotation = LogRotation.Sign(Identity, Log, next, at, until);
        logFiles.Decide(rotation);
        logFiles.Finish(Identity);
        return rotation;
    }

    /// <summary>The log key before the last rotation never signs again, after any start.</summary>
    public void RetireFormer() => logFiles.RetireFormer();

    /// <inheritdoc/>
    public void Dispose()
    {
        Identity.Dispose();
        Log?.Dispose();
        Former?.Dispose();
        Witness?.Dispose();
    }

    private static string FolderIn(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), "keys");

    private string LogName(ReadOnlyMemory<byte> key) => $"{node}/{ShortOf(key)}";

    /// <summary>A node's name as a note name can have it: what is not a letter, digit, dot, dash or underscore of ASCII becomes a dash.</summary>
    private static string Fit(string nodeName)
    {
        var fit = new StringBuilder(nodeName.Length);
        foreach (var rune in nodeName.EnumerateRunes().Take(MaxNodeName))
        {
            fit.Append(rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '.' or '-' or '_') ? (char)rune.Value : '-');
        }

        return fit.Length == 0 ? "node" : fit.ToString();
    }

    private static string ShortOf(ReadOnlyMemory<byte> publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey.Span))[..Digits];

    private static string Comment(string what, string harm) => $"The {what} of an Athens Federation node. Secret: whoever has it {harm}.";
}
