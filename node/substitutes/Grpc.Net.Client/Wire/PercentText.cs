using System.Text;

namespace Grpc.Net.Client.Wire;

/// <summary>The value of a grpc-message header: UTF-8, percent-encoded.</summary>
internal static class PercentText
{
    /// <summary>
    /// Decodes what can be decoded. A broken escape stays as it is, bytes that are no UTF-8 become U+FFFD: a bad message is
    /// still better than none.
    /// </summary>
    /// <param name="text">As HTTP gives it: one character for each byte.</param>
    public static string Decode(string text)
    {
        if (Ascii.IsValid(text) && !text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        byte[] bytes = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[length++] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else
            {
                bytes[length++] = (byte)text[i];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
