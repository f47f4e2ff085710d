namespace Athens.Federation.Tests.OnLan;

/// <summary>What a developer at a desk is answered.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Source">X-Athens-Source; empty when there is none.</param>
/// <param name="Sha256">Of the body, in hex.</param>
/// <param name="Body">As text.</param>
internal sealed record AtDesk(int Status, string Source, string Sha256, string Body)
{
    /// <summary>Status, source and hash in a line, then the body.</summary>
    private const string Script = """
        import hashlib, sys, urllib.error, urllib.request
        try:
            answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=100)
        except urllib.error.HTTPError as refused:
            answer = refused
        body = answer.read()
        print(answer.status, answer.headers.get("X-Athens-Source", ""), hashlib.sha256(body).hexdigest(), sep="\t")
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
        """;

    /// <summary>Asks a node that listens on that desk's own loopback.</summary>
    public static async Task<AtDesk> GetAsync(string desk, Uri node, string path)
    {
        var answer = await Office.RunAsync(Office.At(desk, ZeroconfRights.Python!, "-c", Script, node + path.TrimStart('/')));
        return answer.Split('\n', 2) is [var line, var body] && line.Split('\t') is [var status, var source, var hash]
            ? new AtDesk(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), source, hash, body)
            : throw new InvalidOperationException(answer);
    }
}
