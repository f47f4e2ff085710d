namespace Athens.Federation.Node.Transparency;

/// <summary>
/// What a Go checksum database answers to <c>/lookup/…</c>: a record and a signed head of a tree that has it. Reading it proves nothing: the
/// head's signature and the record's place in the tree are checked by the reader.
/// </summary>
internal sealed record LookupAnswer(LogRecord Record, SignedNote Head)
{
    /// <summary>Bytes of an answer.</summary>
    public const int MaxLength = StrictNumber.MaxLength + LogRecord.MaxText + SignedNote.MaxLength;

    /// <summary>Reads an answer, or says in one sentence why it is none.</summary>
    public static LookupAnswer? Parse(ReadOnlySpan<byte> answer, out string? reason) =>
        LogRecord.Parse(answer, out var length, out reason) is { } record && SignedNote.Parse(answer[length..], out reason) is { } head
            ? new LookupAnswer(record, head)
            : null;

    public byte[] Format() => [.. Record.Format(), .. Head.ToBytes()];
}
