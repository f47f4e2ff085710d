namespace Athens.Federation.Node.Retrieval;

/// <summary>How an attempt to find something ended. The front turns each into one HTTP status.</summary>
internal enum OutcomeKind
{
    /// <summary>The value is there and verified.</summary>
    Found,

    /// <summary>It is known not to exist (404).</summary>
    Absent,

    /// <summary>
    /// Nobody holds it of whom this node asked just now, and it does not go upstream (404). Says nothing of the world: a peer
    /// that connects a second later may hold it.
    /// </summary>
    NotHeld,

    /// <summary>It may not be had: refused by a policy, by missing credentials, or by the upstream (403).</summary>
    Forbidden,

    /// <summary>Hashes disagree. A security failure: never retried, never "not found" (403).</summary>
    Conflicting,

    /// <summary>Could not find out: timeout, upstream or network down; another try may work (502, 504).</summary>
    Unavailable,

    /// <summary>This node's own fault: no <c>go</c>, read-only data, a bug (500).</summary>
    Faulty,

    /// <summary>This node's own disk or quota is full; nothing else is wrong with the request (507).</summary>
    OutOfSpace,
}

/// <summary>An outcome with its value when found, else a reason that a developer can act on.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Value">Not null exactly when <paramref name="Kind"/> is Found.</param>
/// <param name="Reason">Plain sentences for the developer's terminal; empty when found.</param>
/// <param name="Source">Where the answer came from: <c>store</c>, <c>upstream</c>, <c>peer:NAME</c>; empty when none.</param>
internal readonly record struct Outcome<T>(OutcomeKind Kind, T? Value, string Reason, string Source)
    where T : class
{
    public bool IsFound => Kind == OutcomeKind.Found;

    public static Outcome<T> Found(T value, string source) => new(OutcomeKind.Found, value, "", source);

    public static Outcome<T> Absent(string reason, string source = "") => new(OutcomeKind.Absent, null, reason, source);

    public static Outcome<T> NotHeld(string reason, string source = "") => new(OutcomeKind.NotHeld, null, reason, source);

    public static Outcome<T> Forbidden(string reason, string source = "") =>
        new(OutcomeKind.Forbidden, null, reason, source);

    public static Outcome<T> Conflicting(string reason, string source = "") =>
        new(OutcomeKind.Conflicting, null, reason, source);

    public static Outcome<T> Unavailable(string reason, string source = "") =>
        new(OutcomeKind.Unavailable, null, reason, source);

    public static Outcome<T> Faulty(string reason, string source = "") => new(OutcomeKind.Faulty, null, reason, source);

    public static Outcome<T> OutOfSpace(string reason, string source = "") =>
        new(OutcomeKind.OutOfSpace, null, reason, source);

    /// <summary>The same failure for another type of value. Only for outcomes that are not Found.</summary>
    public Outcome<TOther> As<TOther>()
        where TOther : class =>
        IsFound
            ? throw new InvalidOperationException("a found outcome has a value of its own type")
            : new(Kind, null, Reason, Source);
}

/// <summary>The names of answer sources, as <c>X-Athens-Source</c> shows them.</summary>
internal static class AnswerSource
{
    public const string Store = "store";
    public const string Upstream = "upstream";
}
