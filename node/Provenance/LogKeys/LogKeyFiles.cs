using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.LogKeys;

/// <summary>
/// The files of the log key and of its rotation, in the folder of keys: <c>log</c>, the key; <c>log.rotation</c>, how it came after another one; <c>log.former</c>, that
/// one, while it signs. A rotation is decided when its statement is written; what is left to do then is done by the next who opens the folder.
/// </summary>
internal sealed class LogKeyFiles(string folder)
{
    public string Key => Path.Combine(folder, "log");

    private string Next => Path.Combine(folder, "log.next");

    private string Former => Path.Combine(folder, "log.former");

    private string Statement => Path.Combine(folder, "log.rotation");

    private string NextStatement => Path.Combine(folder, "log.rotation.next");

    /// <summary>The key that is to follow, made and durable; of an attempt that was interrupted the same again.</summary>
    public SigningKey MakeNext(string comment, Func<ReadOnlyMemory<byte>, string> nameOf)
    {
        var next = KeyFile.Open(Next, comment, nameOf);
        DurableFile.Sync(folder);
        return next;
    }

    /// <summary>From here on the log has the next key; <see cref="Finish"/> does the rest.</summary>
    public void Decide(LogRotation rotation)
    {
        File.Delete(NextStatement);
        DurableFile.TryCreate(NextStatement, rotation.Note.Span);
        DurableFile.Sync(folder);
        File.Move(NextStatement, Statement, overwrite: true);
        DurableFile.Sync(folder);
    }

    /// <summary>Does what is left of a rotation that was decided. A next key without such a decision is left for the next rotation.</summary>
    public void Finish(SigningKey identity)
    {
        if (!File.Exists(Next) || !IsDecided(identity))
        {
            return;
        }

        if (File.Exists(Key))
        {
            // One of the rotation before has no time any more, whatever it had.
            RetireFormer();
            File.Move(Key, Former);
            DurableFile.Sync(folder);
        }

        File.Move(Next, Key);
        DurableFile.Sync(folder);
    }

    /// <summary>The last rotation to this key; null when there was none.</summary>
    /// <exception cref="IOException">The statement is there and cannot be used.</exception>
    public LogRotation? ReadRotation(SigningKey log, SigningKey identity)
    {
        if (!File.Exists(Statement))
        {
            return null;
        }

        var rotation = ReadStatement(identity);
        return rotation is not null && rotation.To.ToString() == log.Verifier.ToString()
            ? rotation
            : throw new IOException($"{Statement} does not say how the key {Key} came to be the log's. Put both back from one backup.");
    }

    /// <summary>The key before; null when it signs no more.</summary>
    public SigningKey? ReadFormer(LogRotation? rotation)
    {
        if (rotation is null || !File.Exists(Former))
        {
            return null;
        }

        var former = KeyFile.Open(Former, "", _ => "");
        if (former.Verifier.ToString() == rotation.From.ToString())
        {
            return former;
        }

        former.Dispose();
        throw new IOException($"{Former} is not the log key before the rotation. Put it back from a backup, or move it away: heads are then signed by the present key alone.");
    }

    /// <summary>The key before is kept and never signs again.</summary>
    public void RetireFormer()
    {
        if (File.Exists(Former))
        {
            File.Move(Former, RetiredPath());
            DurableFile.Sync(folder);
        }
    }

    /// <summary>Takes all of it out of use: the next who opens the folder makes a new key.</summary>
    /// <param name="into">An existing folder of the same file system.</param>
    public void Retire(string into)
    {
        File.Move(Key, Path.Combine(into, "log.key"));
        foreach (var path in new[] { Next, Statement, Former }.Where(File.Exists))
        {
            File.Move(path, Path.Combine(into, Path.GetFileName(path)));
        }

        DurableFile.Sync(into);
        DurableFile.Sync(folder);
    }

    private bool IsDecided(SigningKey identity)
    {
        using var next = KeyFile.Open(Next, "", _ => "");
        return File.Exists(Statement) && ReadStatement(identity)?.To.ToString() == next.Verifier.ToString();
    }

    private LogRotation? ReadStatement(SigningKey identity) =>
        new FileInfo(Statement).Length <= LogRotation.MaxLength ? LogRotation.Read(File.ReadAllBytes(Statement), identity.PublicKey.Span, out _) : null;

    private string RetiredPath() => Path.Combine(folder, $"log.retired-{Guid.NewGuid():N}");
}
