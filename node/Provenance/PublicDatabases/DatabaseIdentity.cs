using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>A checksum database as GOSUMDB names it: whose signatures count, and where it is asked. Its name says neither who runs it nor that it tells the truth.</summary>
/// <param name="Key">Checks its heads; has its name, <c>host</c> or <c>host/path</c>.</param>
/// <param name="Address">Where its <c>lookup/</c>, <c>tile/</c> and <c>latest</c> are.</param>
internal sealed record DatabaseIdentity(NoteVerifier Key, Uri Address)
{
    private const string KnownName = "sum.golang.org";

    /// <summary>The key that every <c>go</c> command holds (cmd/go/internal/modfetch/key.go).</summary>
    private const string KnownKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

    /// <summary>The known database under another address.</summary>
    private const string KnownMirror = "sum.golang.google.cn";

    public string Name => Key.Name;

    /// <summary>Reads a value of GOSUMDB; null for <c>off</c>, and for one that <c>go</c> would refuse, with the reason.</summary>
    public static DatabaseIdentity? Parse(string goSumDb, out string? reason)
    {
        reason = null;
        var fields = goSumDb.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        switch (fields)
        {
            case ["off"]:
                return null;
            case [KnownMirror]:
                fields = [KnownKey, $"https://{KnownMirror}"];
                break;
            case [KnownName, ..]:
                fields = [KnownKey, .. fields[1..]];
                break;
            default:
                break;
        }

        if (fields.Length is not (1 or 2))
        {
            reason = "it is not a key, or a key and a URL";
            return null;
        }

        return NoteVerifier.Parse(fields[0], out reason) is { } key ? Of(key, fields.Length == 2 ? fields[1] : $"https://{key.Name}", out reason) : null;
    }

    private static DatabaseIdentity? Of(NoteVerifier key, string url, out string? reason)
    {
        reason = Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) ? null : "its URL cannot be read";
        return reason is null ? new DatabaseIdentity(key, address!) : null;
    }
}
