using System.Buffers;
using System.Text;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>The words of a status on the wire: UTF-8, with a percent sign and two digits for all but printable ASCII.</summary>
internal static class PercentText
{
    /// <summary>Space to tilde, without the percent sign.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '%').ToArray());

    public static string Encode(string words)
    {
        if (!words.AsSpan().ContainsAnyExcept(Plain))
        {
            return words;
        }

        var encoded = new StringBuilder(words.Length + 32);
        foreach (var b in Encoding.UTF8.GetBytes(words))
        {
            if (b < 0x80 && Plain.Contains((char)b))
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append('%').Append(Convert.ToHexString([b]));
            }
        }

        return encoded.ToString();
    }
}
