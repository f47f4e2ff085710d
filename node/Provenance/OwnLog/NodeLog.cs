using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>
/// The node's own append-only log: records of what it holds, under heads that its log key signs. What a published head says is stored, the record,
/// its hashes and the head itself; so nothing that left the node is lost or changed by a crash. Thread safe.
/// </summary>
internal sealed class NodeLog : IAsyncDisposable
{
    /// <summary>Bytes: as many as nobody guesses.</summary>
    private const int SaltSize = 16;

    private readonly ILogStore store;
    private readonly LogSigner signer;
    private readonly LogWriter writer;

    private NodeLog(ILogStore store, LogSigner signer, LogWriter writer)
    {
        this.store = store;
        this.signer = signer;
        this.writer = writer;
    }

    /// <summary>The log's unique name: of its key, of its Go checksum database, and the origin of its checkpoints.</summary>
    public string Name => signer.Key.Name;

    /// <summary>What its heads are checked with.</summary>
    public NoteVerifier Key => signer.Key.Verifier;

    /// <summary>How its key came after another one; null when it is the first.</summary>
    public LogRotation? Rotation => signer.Rotation;

    /// <summary>Whether heads are signed by the key before too.</summary>
    public bool SignsAsFormer => signer.SignsAsFormer;

    /// <summary>The published head; null while signing has stopped.</summary>
    public SignedHead? Head => writer.Head;

    /// <summary>The newest head whose checkpoint witnesses have cosigned; it may be an earlier one than <see cref="Head"/>. Null while there is none.</summary>
    public SignedHead? Cosigned => writer.Cosigned;

    /// <summary>Completes when there is another head, or none any more. Taken before the head is read, it misses nothing.</summary>
    public Task Moved => writer.Moved;

    /// <summary>Why nothing is signed, and what to do, for developer and operator; null when all is well.</summary>
    public string? Problem => writer.Problem;

    /// <summary>Looks at what is stored, and signs the head of the empty log when there is none. A log that may not be signed on opens too: see <see cref="Problem"/>.</summary>
    /// <param name="store">Stays the caller's.</param>
    /// <param name="signer">The log's keys.</param>
    /// <param name="mark">Disposed with the log. Null for a log that lives no longer than its process.</param>
    /// <param name="logger">For the operator.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The store cannot be used; the message says what to do.</exception>
    public static async Task<NodeLog> OpenAsync(
        ILogStore store, LogSigner signer, HeadMark? mark, ILogger logger, CancellationToken cancellationToken)
    {
        var opening = new LogWriter(store, signer, mark, logger);
        try
        {
            await opening.OpenAsync(cancellationToken);
        }
        catch
        {
            await opening.DisposeAsync();
            throw;
        }

        if (opening.Head is { } head)
        {
            logger.Opened(signer.Key.Name, head.Tree.Size);
        }

        return new NodeLog(store, signer, opening);
    }

    /// <summary>The same for a log that has had one key only.</summary>
    public static Task<NodeLog> OpenAsync(ILogStore store, SigningKey key, HeadMark? mark, ILogger logger, CancellationToken cancellationToken) =>
        OpenAsync(store, new LogSigner(key), mark, logger, cancellationToken);

    /// <summary>
    /// Appends a record, unless there is one of its module version. Returns when a head that has the record is published. The token ends only the waiting.
    /// </summary>
    /// <param name="record">The leaf.</param>
    /// <param name="chunks">What its chunk root is of, kept beside it; empty when the zip is not cut.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="LogRefusedException">Signing has stopped, or the node is stopping.</exception>
    /// <exception cref="IOException">The store could not take it; nothing of it is published, and it may be tried again.</exception>
    public Task<AppendOutcome> AppendAsync(ModuleRecord record, ReadOnlyMemory<byte> chunks, CancellationToken cancellationToken) =>
        writer.AppendAsync(record, chunks, cancellationToken);

    /// <summary>
    /// The salt of a private record, 32 hex digits: without it its leaf's hash would tell whoever guesses the name that it was guessed. The same module
    /// version and hash get the same salt; only who has the log key can tell it (Ed25519 signatures are deterministic, RFC 8032, and this one is shown to nobody).
    /// </summary>
    public string SaltOf(ModuleVersion module, string zipHash)
    {
        var signature = signer.Key.Sign(System.Text.Encoding.UTF8.GetBytes($"salt of a private record\n{module}\n{zipHash}\n"));
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(signature).AsSpan(0, SaltSize));
    }

    /// <summary>Adds cosignatures, each checked by the caller, to a published head. They are shown with it and end with the process; witnesses give them again. One caller at a time.</summary>
    public void AddCosignatures(SignedHead of, IReadOnlyList<NoteSignature> cosignatures)
    {
        var known = writer.Cosigned is { } cosigned && cosigned.Tree == of.Tree ? cosigned : of;
        var note = SignedNote.Parse(known.Checkpoint.Span, out var reason) ?? throw new InvalidOperationException($"A published head cannot be read: {reason}");
        writer.Show(known with { Checkpoint = note.With(cosignatures).ToBytes() });
    }

    /// <summary>
    /// Somebody has this head of the log. If the log's key signed it and the log's history does not have it, nothing is signed from now on, until a person
    /// decides: the log was put back from a backup, or somebody else signs with its key.
    /// </summary>
    /// <param name="checkpoint">A signed note, hostile.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Why this is no head of the log; null when it was compared.</returns>
    /// <exception cref="IOException">It could not be compared.</exception>
    public async Task<string?> CompareAsync(ReadOnlyMemory<byte> checkpoint, CancellationToken cancellationToken)
    {
        if (SignedNote.Parse(checkpoint.Span, out var reason) is not { } note || Checkpoint.Parse(note.Text, out reason) is not { } seen)
        {
            return reason;
        }

        if (!string.Equals(seen.Origin, Name, StringComparison.Ordinal) || !note.IsSignedBy(Key))
        {
            return $"it is not signed by the log {Name}";
        }

        await writer.CompareAsync(seen.Head, cancellationToken);
        return null;
    }

    /// <summary>The record of a module version under the published head, or null.</summary>
    public async ValueTask<StoredRecord?> FindAsync(ModuleVersion module, CancellationToken cancellationToken) =>
        await store.FindAsync(module, cancellationToken) is { } found && found.Number < Head?.Tree.Size ? found : null;

    /// <summary>
    /// The proof that the record of a module version stands in the published head's tree, with the record beside it (c2sp.org/tlog-proof); null when there is no
    /// such record, or signing has stopped.
    /// </summary>
    public async Task<TlogProof?> ProveAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        // The record first: a head taken before might not have it.
        if (await FindAsync(module, cancellationToken) is not { } found || Head is not { } head || SignedNote.Parse(head.Checkpoint.Span, out _) is not { } checkpoint)
        {
            return null;
        }

        var size = head.Tree.Size;
        var proof = await InclusionProof.ProveAsync(found.Number, size, new StoredHashes(store, size), cancellationToken);
        return new TlogProof(found.Number, proof, checkpoint, found.Text);
    }

    /// <summary>A tile of hashes under the published head; null when the log has no such tile.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> TileAsync(Tile tile, CancellationToken cancellationToken) =>
        IsPublished(tile) ? (await new StoredHashes(store, Head!.Tree.Size).TileAsync(tile, cancellationToken)).Bytes : (ReadOnlyMemory<byte>?)null;

    /// <summary>The records of a tile under the published head; null when the log has no such tile.</summary>
    /// <exception cref="LogDamagedException">Some are missing.</exception>
    public async ValueTask<IReadOnlyList<LogRecord>?> RecordsAsync(Tile tile, CancellationToken cancellationToken)
    {
        if (!IsPublished(tile))
        {
            return null;
        }

        var first = tile.Index * Tile.FullWidth;
        var texts = await store.RecordsAsync(first, tile.Width, cancellationToken);
        return texts.Count == tile.Width
            ? [.. texts.Select((text, i) => new LogRecord(first + i, text))]
            : throw new LogDamagedException($"the record {first + texts.Count} is missing");
    }

    /// <summary>The texts of consecutive records under the published head; fewer than asked for when there are no more.</summary>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> TextsAsync(long first, int count, CancellationToken cancellationToken)
    {
        var published = (int)Math.Clamp((Head?.Tree.Size ?? 0) - first, 0, count);
        return published > 0 ? await store.RecordsAsync(first, published, cancellationToken) : [];
    }

    /// <summary>Reads hashes of the log as it was with so many records, for one proof; null when no published head has so many.</summary>
    public IHashReader? HashesAt(long size) => size <= Head?.Tree.Size ? new StoredHashes(store, size) : null;

    /// <summary>Takes no more, and waits for what was taken.</summary>
    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private bool IsPublished(Tile tile) => Head is { } head && tile.IsWithin(head.Tree.Size);
}
