using System.Text;

namespace Athens.Federation.Tests.Protocol;

/// <summary>Makes request targets that something hostile, broken or merely odd might send; the same seed makes the same ones.</summary>
internal sealed class HostilePaths(int seed)
{
    private static readonly string[] Elements =
    [
        "github.com", "example.com", "gopkg.in", "yaml.v3", "pkg", "errors", "v2", "v1", "!burnt!sushi", "%21azure", "BurntSushi",
        "..", ".", "%2e%2e", "%2E", "...", "", "%2f", "%2F", "%5c", "\\", "a%2fb", "%252f", "%252e%252e", "con", "NUL.txt", "a~1",
        "%00", "%c0%af", "%ff%fe", "%e2%98%83", "%", "%2", "%zz", "%u0041", "!", "!!", "!A", "!1", "a!", "-rf", "--upload-pack=x",
        "@v", "@latest", "@", "@v@v", "x@v1.0.0", "etc", "passwd", "~", "$HOME", "`id`", "a b", "a+b", "a;b", "a&b", "<x>", "{}",
        "%0d%0aX-Evil:1", "%09", "%7f", "\u00e9", "\u0001", "*", "?x", "#frag", "//", "CON", "a.", ".a", "_", "sumdb", "sum.golang.org",
    ];

    private static readonly string[] Leaves =
    [
        "list", "v1.0.0.info", "v1.0.0.mod", "v1.0.0.zip", "v2.0.0+incompatible.zip", "v1.0.0-!r!c1.info", "v1.0.0-RC1.mod", "main.info",
        "../../../etc/passwd", "..%2f..%2fetc%2fpasswd.info", "%2e%2e.info", "..info", ".info", ".zip", "v1.0.0.ziphash", "v1.0.0.lock",
        "-x.info", "%00.info", "v1.0.0%00.zip", "a/b.info", "feature%2fx.info", "latest.info", "LIST", "v99999999999999999999.0.0.mod",
        "v1.0.0.info/..", "<=v2.info", "v0.0.0-20200101000000-abcdefabcdef.zip", "%c3%28.info", "master.zip", "!!.info", "v1.0.0!.mod", "",
    ];

    private readonly Random random = new(seed);

    /// <summary>A target as bytes in Latin-1: what cannot stand in a request line is there too, save CR and LF.</summary>
    public string Next()
    {
        var path = new StringBuilder("/");
        int elements = random.Next(0, 6);
        for (int i = 0; i < elements; i++)
        {
            path.Append(Element()).Append('/');
        }

        path.Append(random.Next(6) switch
        {
            0 => Element(),
            1 => "@latest",
            _ => "@v/" + Leaves[random.Next(Leaves.Length)],
        });
        if (random.Next(4) == 0)
        {
            Damage(path);
        }

        return path.ToString();
    }

    private string Element() => random.Next(40) switch
    {
        0 => new string('a', random.Next(100, 8300)),
        1 => string.Concat(Enumerable.Repeat("%61", random.Next(1, 2700))),
        2 => string.Concat(Enumerable.Repeat("a/", random.Next(1, 4000))),
        3 => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)random.Next(0x21, 0xff))),
        _ => Elements[random.Next(Elements.Length)],
    };

    private void Damage(StringBuilder path)
    {
        int at = random.Next(1, path.Length + 1);
        switch (random.Next(5))
        {
            case 0:
                path.Insert(at, '%');
                break;
            case 1:
                path.Insert(at, (char)random.Next(0, 256) is var letter && letter is '\r' or '\n' ? '\0' : letter);
                break;
            case 2:
                path.Insert(at, $"%{random.Next(256):X2}");
                break;
            case 3 when at < path.Length:
                path[at] = char.ToUpperInvariant(path[at]);
                break;
            default:
                path.Length = at;
                break;
        }
    }
}
