using System.Text;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>
/// The files of the book: <c>chain</c>, which is there exactly when the node is in a pool, <c>statements/</c> and <c>proposals/</c> with a file each,
/// <c>invitations</c>, <c>signed</c> (what the org's key signed; stays when the pool is left), <c>conflicts/</c> (evidence) and <c>left/</c>. Whoever
/// calls holds the book's lock.
/// </summary>
/// <param name="folder">Null keeps nothing.</param>
/// <param name="written">Called when a file is written and has not its name yet, for tests.</param>
internal sealed class PoolFolder(string? folder, Action<string>? written)
{
    public const string Chain = "chain";
    public const string Statements = "statements";
    public const string Proposals = "proposals";
    public const string Invitations = "invitations";
    public const string Signed = "signed";

    /// <summary>Files of evidence: two notes each, and people who look after them by the time there are so many.</summary>
    private const int MaxConflicts = 64;

    private const string Conflicts = "conflicts";
    private const string Left = "left";
    private const string Extension = ".note";

    private const string NoteRemedy =
        "Remove it: the pool's other members send it again, unless it is this org's own and nobody else has it yet.";

    /// <summary>Makes the folder ready, and clears away what a crash left.</summary>
    /// <exception cref="IOException">It cannot be used; the message says what to do.</exception>
    public void Prepare() => Guard(path =>
    {
        foreach (var one in (string[])[path, Path.Combine(path, Statements), Path.Combine(path, Proposals)])
        {
            DurableFile.CreateFolder(one);
            foreach (var litter in Directory.GetFiles(one, "*.tmp"))
            {
                File.Delete(litter);
            }
        }

        DurableFile.Sync(Path.Combine(path, Statements));
    });

    /// <summary>The parts of a file; null when there is none.</summary>
    /// <exception cref="IOException">It is damaged; the message says what to do.</exception>
    public IReadOnlyList<ReadOnlyMemory<byte>>? Read(string name, string remedy)
    {
        IReadOnlyList<ReadOnlyMemory<byte>>? parts = null;
        Guard(path => parts = PoolFile.Read(Path.Combine(path, name), remedy));
        return parts;
    }

    /// <summary>The notes of <see cref="Statements"/> or <see cref="Proposals"/>, by their files' names without extension.</summary>
    /// <exception cref="IOException">One is damaged; the message says what to do.</exception>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> ReadNotes(string kind)
    {
        var notes = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        Guard(path =>
        {
            foreach (var file in Directory.GetFiles(Path.Combine(path, kind), "*" + Extension))
            {
                notes[Path.GetFileNameWithoutExtension(file)] = PoolFile.Read(file, NoteRemedy) is [var note] ? note : default;
            }
        });
        return notes;
    }

    /// <summary>Writes a file; durable when it returns.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(string name, params IEnumerable<ReadOnlyMemory<byte>> parts) => Guard(path =>
    {
        DurableFile.Replace(Path.Combine(path, name), PoolFile.ToBytes(parts), written);
        DurableFile.Sync(path);
    });

    /// <summary>Makes the notes of a kind those that are told; durable when it returns.</summary>
    /// <exception cref="IOException">One could not be written.</exception>
    public void WriteNotes(string kind, IReadOnlyDictionary<string, byte[]> changed, IEnumerable<string> gone) => Guard(path =>
    {
        var at = Path.Combine(path, kind);
        foreach (var (name, note) in changed)
        {
            DurableFile.Replace(Path.Combine(at, name + Extension), PoolFile.ToBytes([note]), written);
        }

        foreach (var name in gone)
        {
            File.Delete(Path.Combine(at, name + Extension));
        }

        if (changed.Count > 0)
        {
            DurableFile.Sync(at);
        }
    });

    /// <summary>
    /// Moves what belongs to a pool into a folder of its own under <c>left/</c>. The chain goes first: with it the node is out of the pool, and the
    /// rest is moved at the next start if the node ends here.
    /// </summary>
    /// <exception cref="IOException">It could not be moved.</exception>
    public void MoveAside(string stamp) => Guard(path =>
    {
        string[] names = [Chain, Invitations, Statements, Proposals];
        if (!names.Any(name => HasAny(Path.Combine(path, name))))
        {
            return;
        }

        var into = Path.Combine(path, Left, stamp);
        for (var again = 2; Path.Exists(into); again++)
        {
            into = Path.Combine(path, Left, $"{stamp}-{again}");
        }

        DurableFile.CreateFolder(into);
        foreach (var name in names.Where(name => HasAny(Path.Combine(path, name))))
        {
            Directory.Move(Path.Combine(path, name), Path.Combine(into, name));
            DurableFile.Sync(into);
            DurableFile.Sync(path);
        }
    });

    /// <summary>Keeps two notes of which only one may be, for people. Says where.</summary>
    public string KeepConflict(string name, string stays, string other)
    {
        var place = "kept in memory only";
        Guard(path =>
        {
            var at = Path.Combine(path, Conflicts);
            DurableFile.CreateFolder(at);
            var file = Path.Combine(at, name + ".txt");
            if (File.Exists(file) || Directory.GetFiles(at).Length < MaxConflicts)
            {
                place = file;
                DurableFile.TryCreate(file, Encoding.UTF8.GetBytes($"The note that stays:\n\n{stays}\nThe other note:\n\n{other}"));
                DurableFile.Sync(at);
            }
        });
        return place;
    }

    private static bool HasAny(string path) => File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any());

    private void Guard(Action<string> use)
    {
        if (folder is null)
        {
            return;
        }

        try
        {
            use(folder);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(
                $"The pool's files in {folder} cannot be read or written: {error.Message} Give the folder to the user that runs athens.", error);
        }
    }
}
