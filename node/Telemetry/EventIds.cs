namespace Athens.Federation.Node.Telemetry;

/// <summary>First event id of each room's log methods. An id, once released, is never used for another event.</summary>
internal static class EventIds
{
    public const int Host = 1000;
    public const int Protocol = 2000;
    public const int Retrieval = 3000;
    public const int Storage = 4000;
    public const int Upstream = 5000;
    public const int Telemetry = 6000;
    public const int Federation = 7000;
    public const int Provenance = 8000;
    public const int Discovery = 9000;
}
