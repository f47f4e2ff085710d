namespace Athens.Federation.Node.Discovery;

/// <summary>
/// The tag by which members of one pool know one another on the LAN; it says nothing to others. Set by whoever knows the pool, while the node runs. Safe
/// for any thread.
/// </summary>
internal sealed class PoolTag
{
    public const int Length = 12;

    private volatile string current = "";

    /// <summary>Raised after another one was set, on the thread that did so.</summary>
#pragma warning disable MA0046 // An event without a sender and arguments: there is one tag, and it is asked for.
    public event Action? Changed;
#pragma warning restore MA0046

    /// <summary>12 letters, digits, hyphens and underscores; empty when the node is in no pool.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public string Current
    {
        get => current;
        set
        {
            if (value.Length > 0 && !IsTag(value))
            {
                throw new ArgumentException($"A pool tag has {Length} letters, digits, hyphens and underscores.", nameof(value));
            }

            var changes = !string.Equals(current, value, StringComparison.Ordinal);
            current = value;
            if (changes)
            {
                Changed?.Invoke();
            }
        }
    }

    public static bool IsTag(string text) => text.Length == Length && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
