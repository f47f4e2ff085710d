using System.Buffers;
using System.Text;

namespace Grpc.AspNetCore.Server.Wire;

/// <summary>
/// The words of a status on the wire: UTF-8, with a percent sign and two digits for all but printable ASCII. Also for a space
/// at either end: no field value of HTTP may begin or end with one (RFC 9113, 8.2.1), and some clients drop such a field.
/// </summary>
internal static class PercentText
{
    /// <summary>Space to tilde, without the percent sign.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '%').ToArray());

    public static string Encode(string words)
    {
        if (!words.AsSpan().ContainsAnyExcept(Plain) && words is not ([' ', ..] or [.., ' ']))
        {
            return words;
        }

        var encoded = new StringBuilder(words.Length + 32);
        var bytes = Encoding.UTF8.GetBytes(words);
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = bytes[i];
            var isEdge = i == 0 || i == bytes.Length - 1;
            if (b < 0x80 && Plain.Contains((char)b) && !(isEdge && b == ' '))
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
