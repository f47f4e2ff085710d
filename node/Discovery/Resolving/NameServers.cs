using System.Net;

namespace Athens.Federation.Node.Discovery.Resolving;

/// <summary>Who is asked: the name server of the configuration, else those of the machine (resolv.conf(5)).</summary>
/// <param name="configured">ADDRESS or ADDRESS:PORT; empty for the machine's.</param>
/// <param name="file">Where the machine has its own.</param>
internal sealed class NameServers(string configured, string file = "/etc/resolv.conf")
{
    /// <summary>As many as the C library asks.</summary>
    public const int Max = 3;

    private const int Port = 53;

    /// <summary>Bytes of the file that are looked at: usually it has some hundred.</summary>
    private const int MaxFile = 64 << 10;

    private const string Word = "nameserver";

    /// <summary>Read anew each time: a machine that moves gets others. Without any, the one of this machine, as the C library does.</summary>
    public IReadOnlyList<IPEndPoint> Current => Parse(configured) is { } one ? [one] : OfMachine() is { Count: > 0 } own ? own : [new(IPAddress.Loopback, Port)];

    /// <summary>Null when it is not written so.</summary>
    public static IPEndPoint? Parse(string text) =>
        (text.Contains('.', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal)) && IPEndPoint.TryParse(text, out var server)
            ? new IPEndPoint(server.Address, server.Port == 0 ? Port : server.Port)
            : null;

    private List<IPEndPoint> OfMachine()
    {
        try
        {
            using StreamReader reader = new(file);
            var text = new char[MaxFile];
            var size = reader.ReadBlock(text);
            return
            [
                .. new string(text, 0, size).Split('\n')
                    .Select(static line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    .Where(static words => words is [Word, _, ..])
                    .Select(static words => IPAddress.TryParse(words[1], out var address) ? new IPEndPoint(address, Port) : null)
                    .OfType<IPEndPoint>()
                    .Take(Max),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
