namespace Grpc.Net.Client.Wire;

/// <summary>Base64 of binary metadata, with its padding or without.</summary>
internal static class Base64Text
{
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        ReadOnlySpan<char> bare = text.Trim().TrimEnd('=');
        string padded = string.Concat(bare, "===".AsSpan(0, -bare.Length & 3));
        byte[] room = new byte[padded.Length / 4 * 3];
        bool valid = Convert.TryFromBase64String(padded, room, out int length);
        bytes = room[..length];
        return valid;
    }
}
