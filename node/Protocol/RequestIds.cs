using System.Security.Cryptography;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// Names requests: six letters drawn at start, so that two runs or two nodes do not share names, and a counter. Made
/// here and never taken from the client: the id stands in logs and in error texts.
/// </summary>
internal sealed class RequestIds
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int PrefixLength = 6;

    /// <summary>Eight letters of five bits: the counter comes round after 10^12 requests.</summary>
    private const int CounterLength = 8;

    private readonly string prefix = RandomNumberGenerator.GetString(Alphabet, PrefixLength);
    private long last;

    public string Next() => string.Create(PrefixLength + CounterLength, (prefix, Interlocked.Increment(ref last)), Write);

    private static void Write(Span<char> id, (string Prefix, long Number) state)
    {
        state.Prefix.CopyTo(id);
        long rest = state.Number;
        for (int i = id.Length - 1; i >= PrefixLength; i--)
        {
            id[i] = Alphabet[(int)(rest & 31)];
            rest >>= 5;
        }
    }
}
