using System.Collections.Immutable;
using System.Text;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>The book's content on disk. What is read is checked like anything that a peer sends.</summary>
internal sealed class PoolStore(PoolFolder folder)
{
    private const string Remedy =
        "Put it back from a backup of the folder. Without one, move the file away and join the pool again; the org's key stays as it is.";

    /// <summary>What is kept; null when the node is in no pool.</summary>
    /// <exception cref="IOException">It is damaged; the message says what to do.</exception>
    public PoolContent? Read(DateTimeOffset now)
    {
        if (folder.Read(PoolFolder.Chain, Remedy) is not { } parts)
        {
            folder.MoveAside(Stamp(now));
            folder.Prepare();
            return null;
        }

        var ownOrg = parts.Count > 1 ? Encoding.UTF8.GetString(parts[0].Span) : "";
        string? reason = null;
        if (!PoolSyntax.IsName(ownOrg) || RootChain.Read(poolId: null, [.. parts.Skip(1)], out reason) is not { } chain)
        {
            throw new IOException($"The pool's roots that were kept cannot be used: {reason ?? "the own org is not told"}. {Remedy}");
        }

        var content = PoolContent.Of(chain, ownOrg);
        content = ReadNotes(content, PoolFolder.Statements, (was, note) => was.TakeStatement(note, now), next => next.Statements.Keys);
        return ReadNotes(content, PoolFolder.Proposals, (was, note) => was.TakeProposal(note, now), next => next.Proposals.Keys);
    }

    /// <summary>Makes what is kept that; durable when it returns.</summary>
    /// <exception cref="IOException">It could not be written; what was kept before is, or a part of the new.</exception>
    public void Write(PoolContent? before, PoolContent after)
    {
        if (before?.Chain != after.Chain)
        {
            var roots = after.Chain.Roots.Select(one => (ReadOnlyMemory<byte>)one.Note.ToBytes());
            folder.Write(PoolFolder.Chain, [Encoding.UTF8.GetBytes(after.OwnOrg), .. roots]);
        }

        var from = before ?? PoolContent.Of(after.Chain, after.OwnOrg);
        WriteNotes(PoolFolder.Statements, from.Statements, after.Statements, one => one.Note.ToBytes());
        WriteNotes(PoolFolder.Proposals, from.Proposals, after.Proposals, one => one.Note.ToBytes());
    }

    /// <summary>Forgets the pool.</summary>
    /// <exception cref="IOException">The files could not be moved.</exception>
    public void Leave(DateTimeOffset now)
    {
        folder.MoveAside(Stamp(now));
        folder.Prepare();
    }

    private static string Stamp(DateTimeOffset now) => PoolSyntax.Format(now).Replace(":", "", StringComparison.Ordinal);

    /// <summary>What does not hold any more, as it expired or a crash came between two files, is removed.</summary>
    private PoolContent ReadNotes(
        PoolContent content, string kind, Func<PoolContent, ReadOnlyMemory<byte>, PoolStep> take, Func<PoolContent, IEnumerable<string>> kept)
    {
        var notes = folder.ReadNotes(kind);
        foreach (var (_, note) in notes.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            // A proposal that became complete is in the chain, or its last signature comes again: it is not adopted here, where nothing is written.
            var step = take(content, note);
            content = step.Next is { } next && next.Chain == content.Chain ? next : content;
        }

        folder.WriteNotes(kind, ImmutableDictionary<string, byte[]>.Empty, notes.Keys.Except(kept(content), StringComparer.Ordinal));
        return content;
    }

    private void WriteNotes<T>(string kind, ImmutableDictionary<string, T> before, ImmutableDictionary<string, T> after, Func<T, byte[]> noteOf)
        where T : class
    {
        if (before != after)
        {
            var changed = after
                .Where(one => !ReferenceEquals(before.GetValueOrDefault(one.Key), one.Value))
                .ToDictionary(one => one.Key, one => noteOf(one.Value), StringComparer.Ordinal);
            folder.WriteNotes(kind, changed, before.Keys.Where(key => !after.ContainsKey(key)));
        }
    }
}
