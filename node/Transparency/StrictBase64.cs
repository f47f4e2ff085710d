namespace Athens.Federation.Node.Transparency;

/// <summary>Standard base64 with padding, and only the one text that stands for the bytes: no blanks, no stray bits at the end.</summary>
internal static class StrictBase64
{
    /// <summary>The bytes, or null when the text is not theirs.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64Chars(text, bytes, out var length) && text.SequenceEqual(Convert.ToBase64String(bytes.AsSpan(0, length)))
            ? bytes[..length]
            : null;
    }
}
