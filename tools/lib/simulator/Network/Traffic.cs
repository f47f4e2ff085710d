namespace Athens.Federation.Simulator.Network;

/// <summary>Counts messages and their bytes by method, and tells whoever wants to know of single ones.</summary>
internal sealed class Traffic
{
    /// <summary>What gRPC, HTTP/2 and TLS put around a message: its prefix, a header block that is mostly repeated, a record's tag.</summary>
    private const int Around = 60;

    private readonly Dictionary<string, (long Calls, long Bytes)> methods = new(StringComparer.Ordinal);

    /// <summary>A node sends a request.</summary>
    public Action<SimulatedHost, object>? Asked { get; set; }

    /// <summary>A node has an answer, or a part of it, to its request.</summary>
    public Action<SimulatedHost, object, object>? Answered { get; set; }

    public IReadOnlyDictionary<string, (long Calls, long Bytes)> Methods => methods;

    public void Request(SimulatedHost from, string method, object request, int bytes)
    {
        Count(method, 1, bytes);
        Asked?.Invoke(from, request);
    }

    public void Response(SimulatedHost to, string method, object request, object response, int bytes)
    {
        Count(method, 0, bytes);
        Answered?.Invoke(to, request, response);
    }

    /// <summary>Forgets what was counted: the measured time begins.</summary>
    public void Clear() => methods.Clear();

    private void Count(string method, int calls, int bytes)
    {
        (long Calls, long Bytes) before = methods.GetValueOrDefault(method);
        methods[method] = (before.Calls + calls, before.Bytes + bytes + Around);
    }
}
