using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Athens.Federation.Node.Host;

/// <summary>
/// GOSUMDB's values, as the <c>go</c> command reads them: <c>off</c>, a name that it knows, or a verifier key
/// (<c>name+hash+key</c>, golang.org/x/mod/sumdb/note); each but <c>off</c> perhaps with a URL after a space.
/// </summary>
internal static class ConfigurationSumDb
{
    private const byte Ed25519 = 1;
    private const int KeyLength = 33;
    private const int HashDigits = 8;

    /// <summary>The name whose key <c>go</c> itself holds.</summary>
    private const string KnownName = "sum.golang.org";

    /// <summary>The known database under another address; go takes it with no URL only.</summary>
    private const string KnownMirror = "sum.golang.google.cn";

    /// <summary>What is wrong with a value, beginning with "must"; null when <c>go</c> would take it.</summary>
    public static string? ProblemOf(string value)
    {
        if (value is "off" or KnownMirror)
        {
            return null;
        }

        var fields = value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is 0 or > 2)
        {
            return "must be \"off\", or a checksum database's name or key, and perhaps its URL after a space";
        }

        if (fields.Length == 2
            && !(Uri.TryCreate(fields[1], UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "file"))
        {
            return "must have an http or https URL after the space";
        }

        return fields[0] == KnownName ? null : ProblemOfKey(fields[0]);
    }

    private static string? ProblemOfKey(string verifierKey)
    {
        // Base64 has + too: only the first two separate.
        var parts = verifierKey.Split('+', 3);
        if (parts.Length < 3)
        {
            return "must hold the key of a database that go does not know, as name+hash+key "
                + $"(go knows {KnownName} and {KnownMirror})";
        }

        if (parts[1].Length != HashDigits
            || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash))
        {
            return $"must be name+hash+key with a hash of {HashDigits} hexadecimal digits";
        }

        var key = new byte[KeyLength];
        if (parts[2].Any(char.IsWhiteSpace) || !Convert.TryFromBase64String(parts[2], key, out var length)
            || length != KeyLength || key[0] != Ed25519)
        {
            return "must be name+hash+key with an Ed25519 key in base64 (44 characters)";
        }

        if (!IsHostAndPath(parts[0]))
        {
            return "must begin with the database's name, host or host/path";
        }

        var expected = SHA256.HashData([.. Encoding.UTF8.GetBytes(parts[0]), (byte)'\n', .. key]);
        return BinaryPrimitives.ReadUInt32BigEndian(expected) == hash ? null : "must be name+hash+key with the hash of that name and key";
    }

    private static bool IsHostAndPath(string name) =>
        Uri.TryCreate($"https://{name}", UriKind.Absolute, out var url)
        && url.Host.Length > 0 && url.UserInfo.Length == 0 && !name.EndsWith('/')
        && name.IndexOfAny(['?', '#', '@', '%']) < 0;
}
