using LogField = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// Reads the fields of a log state. Generated log methods pass structs; a reader made once for each struct type reads
/// them without boxing them line by line.
/// </summary>
internal abstract class LogStateReader<TState>
{
    public static readonly LogStateReader<TState> Shared = Create();

    /// <summary>The number of fields read; fields beyond the room are left out.</summary>
    public abstract int Read(TState state, Span<LogField> into);

    private static LogStateReader<TState> Create() =>
        typeof(IReadOnlyList<LogField>).IsAssignableFrom(typeof(TState))
            ? (LogStateReader<TState>)Activator.CreateInstance(typeof(ListReader<>).MakeGenericType(typeof(TState)))!
            : new NoFields<TState>();
}

internal sealed class ListReader<TState> : LogStateReader<TState>
    where TState : IReadOnlyList<LogField>
{
    public override int Read(TState state, Span<LogField> into)
    {
        var count = Math.Min(state.Count, into.Length);
        // The template comes last and is needed even when fields have to be left out.
        var skipped = state.Count - count;
        for (var i = 0; i < count; i++)
        {
            into[i] = state[i == count - 1 ? i + skipped : i];
        }

        return count;
    }
}

internal sealed class NoFields<TState> : LogStateReader<TState>
{
    public override int Read(TState state, Span<LogField> into) => 0;
}
