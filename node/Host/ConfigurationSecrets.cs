namespace Athens.Federation.Node.Host;

/// <summary>Takes out of what is printed whatever may be a password.</summary>
internal static class ConfigurationSecrets
{
    public const string Masked = "***";

    /// <summary>Characters of a value that a message repeats: enough to find it, too few to flood a terminal.</summary>
    private const int MaxPrinted = 80;

    /// <summary>
    /// Everything between the first scheme and the last @: a password that was not escaped may itself hold any
    /// character, the separators of a list among them, so a part of a list may be hidden too.
    /// </summary>
    public static string Mask(string urls)
    {
        var at = urls.LastIndexOf('@');
        if (at < 0)
        {
            return urls;
        }

        var scheme = urls.IndexOf("://", StringComparison.Ordinal);
        return $"{(scheme < 0 || scheme > at ? string.Empty : urls[..(scheme + 3)])}{Masked}{urls[at..]}";
    }

    /// <summary>Without control characters, and cut.</summary>
    public static string Printable(string text)
    {
        var cut = text.Length > MaxPrinted ? text[..MaxPrinted] + "…" : text;
        return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? '?' : c));
    }
}
