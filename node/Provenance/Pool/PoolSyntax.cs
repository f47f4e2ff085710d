using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>The small parts of a pool's texts, each with the one spelling that is accepted.</summary>
internal static class PoolSyntax
{
    /// <summary>Bytes of an Ed25519 public key.</summary>
    public const int KeySize = Ed25519Signature.PublicKeySize;

    /// <summary>Characters of a pool's, an organization's or a node's name: they stand in log lines and command lines.</summary>
    private const int MaxName = 64;

    /// <summary>Characters of a pattern of private modules; host and path of real ones are far shorter.</summary>
    private const int MaxPattern = 255;

    /// <summary>Characters of a DNS name (RFC 1035, 2.3.4).</summary>
    private const int MaxHost = 253;

    private const int MaxPort = 65535;
    private const string IdentityPrefix = "ed25519:";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>IPAddress takes more than the address: brackets, a port, a zone.</summary>
    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:.");

    public static bool IsName(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxName && !text.ContainsAnyExcept(NameCharacters);

    /// <summary>One element of GOPRIVATE: printable ASCII without blanks, commas and a slash at either end.</summary>
    public static bool IsPattern(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxPattern && text[0] != '/' && text[^1] != '/' && !text.Contains(',') && !text.ContainsAnyExceptInRange('!', '~');

    /// <summary><c>HOST:PORT</c>: a DNS name or IPv4 address, or an IPv6 address in brackets, and a port from 1.</summary>
    public static bool IsEndpoint(ReadOnlySpan<char> text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !StrictNumber.TryParse(text[(colon + 1)..], out var port) || port is < 1 or > MaxPort)
        {
            return false;
        }

        var host = text[..colon];
        return host is ['[', .. var inner, ']']
            ? !inner.ContainsAnyExcept(AddressCharacters) && IPAddress.TryParse(inner, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            : host.Length <= MaxHost && !host.ContainsAnyExcept(NameCharacters);
    }

    /// <summary>A time in UTC, whole seconds.</summary>
    public static bool TryParseTime(ReadOnlySpan<char> text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>The time as texts can have it: UTC, without parts of a second.</summary>
    public static DateTimeOffset Whole(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    /// <summary><c>ed25519:</c> and base64, as peers are pinned.</summary>
    public static string Identity(ReadOnlySpan<byte> key32) => IdentityPrefix + Convert.ToBase64String(key32);

    /// <summary>The 32 bytes behind <c>ed25519:</c>; null when the text is written otherwise.</summary>
    public static byte[]? ParseIdentity(string text) =>
        text.StartsWith(IdentityPrefix, StringComparison.Ordinal)
        && StrictBase64.Decode(text.AsSpan(IdentityPrefix.Length)) is { Length: KeySize } key
            ? key
            : null;

    /// <summary>64 lower-case hex digits.</summary>
    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
