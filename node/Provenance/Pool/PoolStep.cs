using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>What one thing that was given to the book comes to.</summary>
/// <param name="Taken">For the one who gave it.</param>
/// <param name="Next">What is to be kept from then on; null when nothing changes.</param>
/// <param name="Rival">With <see cref="PoolEnd.Conflict"/>: the root that stays.</param>
/// <param name="Note">With <see cref="PoolEnd.Conflict"/>: the note that was given.</param>
internal readonly record struct PoolStep(PoolTaken Taken, PoolContent? Next = null, SignedRoot? Rival = null, SignedNote? Note = null)
{
    public static PoolStep Refuse(string reason) => new(new PoolTaken(PoolEnd.Refused, reason));

    public static PoolStep Known(string reason) => new(new PoolTaken(PoolEnd.Known, reason));

    public static PoolStep Take(string reason, PoolContent next) => new(new PoolTaken(PoolEnd.Taken, reason), next);
}
