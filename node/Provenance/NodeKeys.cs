using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance;

/// <summary>The node's own keys, one for each role, in <c>&lt;data&gt;/keys</c> (folder 0700, files 0600); made at first use and durable before it.</summary>
internal sealed class NodeKeys : IDisposable
{
    /// <summary>Characters of the node's name in its keys' names.</summary>
    private const int MaxNodeName = 100;

    /// <summary>Hex digits of the public key's SHA-256 in a key's name: two nodes of one name are told apart.</summary>
    private const int Digits = 8;

    private NodeKeys(string folder, string nodeName)
    {
        var node = Fit(nodeName);
        Identity = KeyFile.Open(Path.Combine(folder, "identity"), Comment("identity key", "can pass for this node"), key => $"{node}/identity/{ShortOf(key)}");
        try
        {
            Log = KeyFile.Open(Path.Combine(folder, "log"), Comment("log key", "can sign records as this node"), key => $"{node}/{ShortOf(key)}");
            Witness = KeyFile.Open(Path.Combine(folder, "witness"), Comment("witness key", "can witness logs as this node"), key => $"{node}/witness/{ShortOf(key)}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whose public part peers pin; it signs nothing but the certificate's key.</summary>
    public SigningKey Identity { get; }

    /// <summary>Signs records and heads. Its name was made at first start and stays, whatever the node is called later.</summary>
    public SigningKey Log { get; }

    /// <summary>Signs that other nodes' logs were found consistent.</summary>
    public SigningKey Witness { get; }

    /// <summary>Reads the keys and makes those that are missing. Touches the disk.</summary>
    /// <exception cref="IOException">A key cannot be read, written or trusted; the message says what to do.</exception>
    public static NodeKeys Open(string dataFolder, string nodeName)
    {
        var folder = Path.Combine(Path.GetFullPath(dataFolder), "keys");
        try
        {
            DurableFile.CreateFolder(folder);
            KeyFile.RequirePrivateFolder(folder);
            var keys = new NodeKeys(folder, nodeName);
            DurableFile.Sync(folder);
            return keys;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(
                $"The node's keys in {folder} cannot be read or made: {error.Message} Give the folder to the user that runs athens.", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Identity.Dispose();
        Log?.Dispose();
        Witness?.Dispose();
    }

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
