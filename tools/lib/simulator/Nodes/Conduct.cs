namespace Athens.Federation.Simulator.Nodes;

/// <summary>How a node behaves.</summary>
internal enum Conduct
{
    Honest,

    /// <summary>Signs records of forged modules, and gives the bytes that fit them.</summary>
    Liar,

    /// <summary>States what is true, and gives other bytes.</summary>
    Corrupter,

    /// <summary>Is connected, and never answers who needs something.</summary>
    Silent,

    /// <summary>Shows one history of its log to one half of the pool and another to the other.</summary>
    Forker,
}
