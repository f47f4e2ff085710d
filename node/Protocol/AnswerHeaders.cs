using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Athens.Federation.Node.Protocol;

/// <summary>Header names and values of the front's answers.</summary>
internal static class AnswerHeaders
{
    public const string Source = "X-Athens-Source";

    public const string RequestId = "X-Athens-Request-Id";

    /// <summary>128 bits of the SHA-256: the file name of a body for caches, not a proof of it.</summary>
    private const int ETagDigits = 32;

    public static readonly StringValues Json = "application/json";
    public static readonly StringValues Text = "text/plain; charset=UTF-8";

    /// <summary>Spelled as the <c>go</c> command compares it before it shows the text.</summary>
    public static readonly StringValues FailureText = "text/plain; charset=utf-8";
    public static readonly StringValues Zip = "application/zip";
    public static readonly StringValues Binary = "application/octet-stream";
    public static readonly StringValues NoSniff = "nosniff";
    public static readonly StringValues Bytes = "bytes";
    public static readonly StringValues ReadMethods = "GET, HEAD";

    /// <summary>A version file never changes: what differs is a conflict and gets no 200.</summary>
    public static readonly StringValues Immutable = "public, max-age=31536000, immutable";

    /// <summary>Lists and queries; an old one is better than a broken build while the node cannot be reached.</summary>
    public static readonly StringValues Changing = "public, max-age=60, stale-if-error=604800";

    /// <summary>"Does not exist" is worth remembering for as long as this node itself believes it by default.</summary>
    public static readonly StringValues Absent = "public, max-age=30";
    public static readonly StringValues NoStore = "no-store";

    public static string ETagOf(string sha256) => $"\"{sha256.AsSpan(0, Math.Min(ETagDigits, sha256.Length))}\"";

    public static string ETagOf(ReadOnlySpan<byte> body) => ETagOf(Convert.ToHexStringLower(SHA256.HashData(body)));

    /// <summary>HTTP dates have whole seconds; a validator must not claim more.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    public static string Date(DateTimeOffset time) => time.ToString("R", CultureInfo.InvariantCulture);
}
