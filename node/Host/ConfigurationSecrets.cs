namespace Athens.Federation.Node.Host;

/// <summary>Takes out of what is printed whatever may be a password.</summary>
internal static class ConfigurationSecrets
{
    public const string Masked = "***";

    /// <summary>Characters of a value that a message repeats: enough to find it, too few to flood a terminal.</summary>
    private const int MaxPrinted = 80;

    /// <summary>
    /// Everything before the last @ of each entry of a list of URLs, scheme excepted: a password that was not escaped
    /// may itself hold any character.
    /// </summary>
    public static string Mask(string urls)
    {
        var lastAt = urls.LastIndexOf('@');
        if (lastAt < 0)
        {
            return urls;
        }

        var parts = urls.Split([',', '|', ' ']);
        var rebuilt = urls;
        foreach (var part in parts.Where(part => part.Contains('@', StringComparison.Ordinal)))
        {
            var scheme = part.IndexOf("://", StringComparison.Ordinal);
            var start = scheme < 0 ? string.Empty : part[..(scheme + 3)];
            rebuilt = rebuilt.Replace(part, $"{start}{Masked}{part[part.LastIndexOf('@')..]}", StringComparison.Ordinal);
        }

        return rebuilt;
    }

    /// <summary>Without control characters, and cut.</summary>
    public static string Printable(string text)
    {
        var cut = text.Length > MaxPrinted ? text[..MaxPrinted] + "…" : text;
        return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? '?' : c));
    }
}
