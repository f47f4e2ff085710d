namespace Athens.Federation.Node.Host;

/// <summary>GOPROXY's list syntax, as the <c>go</c> command reads it (<c>go help goproxy</c>).</summary>
internal static class ConfigurationGoProxy
{
    /// <summary>What is wrong with a list, beginning with "must"; null when <c>go</c> would take it.</summary>
    public static string? ProblemOf(string list)
    {
        var entries = list.Split(',', '|').Select(entry => entry.Trim()).Where(entry => entry.Length > 0).ToList();
        if (entries.Count == 0)
        {
            return "must name at least one proxy, or be \"direct\" or \"off\"";
        }

        foreach (var (index, entry) in entries.Index())
        {
            // Nothing after these two is ever asked, and go does not look at it.
            if (entry is "off" or "direct")
            {
                return null;
            }

            if (!IsProxy(entry))
            {
                // With credentials in the list, any entry may be a piece of a password that holds a comma.
                var mayBeSecret = list.Contains('@', StringComparison.Ordinal);
                var shown = mayBeSecret ? string.Empty : $" (\"{ConfigurationSecrets.Printable(entry)}\")";
                return "must be a list of http, https or file URLs, \"direct\" and \"off\", separated by , or |: "
                    + $"entry {index + 1}{shown} is none of these";
            }
        }

        return null;
    }

    private static bool IsProxy(string entry)
    {
        // go takes a host or path without a scheme for https.
        var url = entry.IndexOfAny(['.', ':', '/']) >= 0 && !entry.Contains(":/", StringComparison.Ordinal) && !entry.StartsWith('/')
            ? $"https://{entry}"
            : entry;
        if (entry.StartsWith('/') || !HasGoodEscapes(entry) || !Uri.TryCreate(url, UriKind.Absolute, out var parsed))
        {
            return false;
        }

        return parsed.Scheme switch
        {
            "http" or "https" => parsed.Host.Length > 0,
            "file" => parsed.Host.Length == 0 && parsed.Query.Length == 0 && parsed.Fragment.Length == 0,
            _ => false,
        };
    }

    /// <summary>.NET forgives a % without two hexadecimal digits, go does not.</summary>
    private static bool HasGoodEscapes(string url)
    {
        for (var i = url.IndexOf('%', StringComparison.Ordinal); i >= 0; i = url.IndexOf('%', i + 1))
        {
            if (i + 2 >= url.Length || !char.IsAsciiHexDigit(url[i + 1]) || !char.IsAsciiHexDigit(url[i + 2]))
            {
                return false;
            }
        }

        return true;
    }
}
