using Athens.Federation.Node.Federation.Peers;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>How one holder has done in one transfer. Guarded by <see cref="TransferState"/>.</summary>
internal sealed class HolderStanding(Holder holder, int order)
{
    public Holder Holder => holder;

    /// <summary>Place in the order in which holders are to be asked.</summary>
    public int Order => order;

    /// <summary>Out: not asked again in this transfer.</summary>
    public bool IsOut { get; set; }

    public bool HasLied { get; set; }

    /// <summary>Failures that allow another try.</summary>
    public int Failures { get; set; }

    /// <summary>Busy or reconnecting until then, a timestamp.</summary>
    public long NotBefore { get; set; }

    public long Bytes { get; set; }

    /// <summary>Bytes a second at which a stream of it was left for somebody better; null when none was, or when it has been told.</summary>
    public double? LeftAt { get; set; }

    /// <summary>The first thing that went wrong; null when nothing did.</summary>
    public string? Trouble { get; set; }
}
