using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Simulator.Network;

/// <summary>Counts messages and their bytes by method, and tells whoever wants to know of single ones.</summary>
internal sealed class Traffic
{
    /// <summary>What gRPC, HTTP/2 and TLS put around a message: its prefix, a header block that is mostly repeated, a record's tag.</summary>
    private const int Around = 60;

    private readonly Dictionary<string, (long Calls, long Bytes)> methods = new(StringComparer.Ordinal);

    /// <summary>A node sends a request.</summary>
    public Action<SimulatedHost, SimulatedHost, string, object>? Asked { get; set; }

    /// <summary>A node has an answer, or a part of it, to a request.</summary>
    public Action<SimulatedHost, SimulatedHost, object, object>? Answered { get; set; }

    public IReadOnlyDictionary<string, (long Calls, long Bytes)> Methods => methods;

    public void Request(SimulatedHost from, SimulatedHost to, string method, object request, int bytes)
    {
        Count(method, 1, bytes);
        Asked?.Invoke(from, to, method, request);
    }

    public void Response(SimulatedHost from, SimulatedHost to, string method, object request, object response, int bytes)
    {
        Count(method, 0, bytes);
        Answered?.Invoke(to, from, request, response);
    }

    /// <summary>Forgets what was counted: the measured time begins.</summary>
    public void Clear() => methods.Clear();

    private void Count(string method, int calls, int bytes)
    {
        (long Calls, long Bytes) before = methods.GetValueOrDefault(method);
        methods[method] = (before.Calls + calls, before.Bytes + bytes + Around);
    }
}
