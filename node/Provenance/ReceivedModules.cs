using System.Collections.Concurrent;
using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Provenance;

/// <summary>
/// Modules that are private at another organization, which shares them with this node: whoever is given a secret keeps it. Those of the configuration, and those whose
/// record a giver has marked as private (its salt line). Kept for good, so that they stay secrets when the node is started again. Thread-safe.
/// </summary>
internal sealed class ReceivedModules
{
    /// <summary>Learned paths: an organization shares its libraries by the hundred. Each is a line in a file that is written anew for each.</summary>
    public const int Max = 10_000;

    /// <summary>Bytes of the file: paths and names at their longest would be more, and a file of that size is none of ours.</summary>
    private const int MaxFile = 16 << 20;

    private readonly (PrefixPatterns Paths, string Giver)[] configured;
    private readonly string? file;

    // Guards the file together with the adding of lines; looking is done without it.
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, string> learned = new(StringComparer.Ordinal);

    /// <param name="configured">Patterns in GOPRIVATE's syntax, and the organization that gives them.</param>
    /// <param name="dataFolder">Where what is learned is kept; null: it ends with the process.</param>
    /// <exception cref="IOException">The file cannot be read, or somebody has spoiled it: what was a secret would be told.</exception>
    public ReceivedModules(IEnumerable<KeyValuePair<string, string>> configured, string? dataFolder)
    {
        this.configured = [.. configured.Select(static pair => (new PrefixPatterns(pair.Key), pair.Value))];
        file = dataFolder is null ? null : Path.Combine(dataFolder, "received");
        if (file is not null && File.Exists(file))
        {
            Read(file);
        }
    }

    /// <summary>Whether a module path, or one that it is below, was received so.</summary>
    public bool Has(string path) => GiverOf(path) is not null;

    /// <summary>
    /// Whether this very path was, or the configuration has it. No checksum database is asked for it then; for the paths below a learned one it is, or a
    /// giver of <c>example.com/a</c> could keep the proofs of <c>example.com/a/b</c> away from this node.
    /// </summary>
    public bool IsUnproven(string path) => learned.ContainsKey(path) || Array.Exists(configured, one => one.Paths.Matches(path));

    /// <summary>Who gives it: the name of an organization, or what was learned with it; null when it was not received.</summary>
    public string? GiverOf(string path)
    {
        foreach (var (paths, giver) in configured)
        {
            if (paths.Matches(path))
            {
                return giver;
            }
        }

        // Below it, too: go asks for each folder above and below a module.
        for (var part = path; !learned.IsEmpty && part.Length > 0; part = part[..Math.Max(part.LastIndexOf('/'), 0)])
        {
            if (learned.TryGetValue(part, out var giver))
            {
                return giver;
            }
        }

        return null;
    }

    /// <summary>It was received from somebody, as private: on the disk and in force when this returns. The first giver stays. False when it was known.</summary>
    /// <exception cref="IOException">It cannot be kept: then the module must not be, either.</exception>
    public bool Add(string path, string giver)
    {
        lock (gate)
        {
            if (Has(path))
            {
                return false;
            }

            if (learned.Count >= Max)
            {
                throw new IOException($"{Max} module paths were received as private, and no more are kept");
            }

            if (file is not null)
            {
                var lines = learned.Append(KeyValuePair.Create(path, giver)).OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => $"{one.Key} {one.Value}\n");
                try
                {
                    DurableFile.Replace(file, Encoding.UTF8.GetBytes(string.Concat(lines)));
                    DurableFile.Sync(Path.GetDirectoryName(Path.GetFullPath(file))!);
                }
                catch (UnauthorizedAccessException exception)
                {
                    throw new IOException($"{file} cannot be written: {exception.Message}", exception);
                }
            }

            return learned.TryAdd(path, giver);
        }
    }

    private void Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFile)
            {
                throw new IOException($"{path} is larger than this node makes it");
            }

            foreach (var line in File.ReadLines(path))
            {
                if (line.Split(' ') is not [{ Length: > 0 } module, { Length: > 0 } giver] || learned.Count >= Max)
                {
                    throw new IOException($"{path} has a line that is not PATH GIVER. Put it right; who takes it away has what it names told to everybody");
                }

                learned[module] = giver;
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{path} cannot be read: {exception.Message}", exception);
        }
    }
}
