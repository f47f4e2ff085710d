using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>What came of a head that was met, once its log was pulled up to it.</summary>
internal enum PullEnd
{
    /// <summary>All of it is mirrored.</summary>
    Level,

    /// <summary>It is of the mirrored history, and behind it.</summary>
    Behind,

    /// <summary>What the source gave does not belong to the head that the log signed: the source made it up, or lost it.</summary>
    Lied,

    /// <summary>The log has signed two histories. It is not followed any more.</summary>
    Forked,

    /// <summary>It forked before, or cannot be mirrored.</summary>
    Stopped,
}

/// <param name="End">What came of it.</param>
/// <param name="Reason">For the operator, where it did not end well.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PullResult(PullEnd End, string Reason = "");
