using System.Globalization;

namespace Athens.Federation.Node.Host;

/// <summary>How each type of value is read; every reader takes TOML's own type and, from the environment, its text.</summary>
internal static class ConfigurationReaders
{
    public static ConfigurationReading<string> Text(ConfigurationValue value, Func<string, string?> problemOf)
    {
        if (value.Content is not string text)
        {
            return ConfigurationReading<string>.Bad($"must be a string, not {value.Kind}");
        }

        return new(text, text.Any(char.IsControl) ? "must not hold control characters" : problemOf(text));
    }

    /// <summary>A path made absolute; <paramref name="isPlainName"/> says when it is no path but a name to be looked up.</summary>
    public static ConfigurationReading<string> FilePath(ConfigurationValue value, Predicate<string> isPlainName)
    {
        var text = Text(value, path => string.IsNullOrWhiteSpace(path) ? "must not be empty" : null);
        return text.Problem is null && !isPlainName(text.Value!)
            ? ConfigurationReading<string>.Of(value.Folder.Absolute(text.Value!))
            : text;
    }

    public static ConfigurationReading<int> WholeNumber(ConfigurationValue value, int least, int most)
    {
        if (!TryWholeNumber(value, out var number))
        {
            return ConfigurationReading<int>.Bad($"must be a whole number, not {Shown(value)}");
        }

        return number >= least && number <= most
            ? ConfigurationReading<int>.Of((int)number)
            : ConfigurationReading<int>.Bad($"must be {least} to {most}, not {Shown(value)}");
    }

    public static ConfigurationReading<bool> Boolean(ConfigurationValue value) => value switch
    {
        { Content: bool boolean } => ConfigurationReading<bool>.Of(boolean),
        { IsText: true, Content: "true" } => ConfigurationReading<bool>.Of(true),
        { IsText: true, Content: "false" } => ConfigurationReading<bool>.Of(false),
        _ => ConfigurationReading<bool>.Bad($"must be true or false, not {Shown(value)}"),
    };

    public static ConfigurationReading<double> Share(ConfigurationValue value)
    {
        double? number = value switch
        {
            { Content: double fraction } => fraction,
            { Content: long whole } => whole,
            { IsText: true, Content: string text } when
                double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => null,
        };
        return number is >= 0 and <= 1
            ? ConfigurationReading<double>.Of(number.Value)
            : ConfigurationReading<double>.Bad($"must be a number from 0 to 1, not {Shown(value)}");
    }

    public static ConfigurationReading<TimeSpan> Duration(ConfigurationValue value, TimeSpan least, TimeSpan most)
    {
        if (value.Content is not string text || ConfigurationDuration.Parse(text) is not { } duration)
        {
            return ConfigurationReading<TimeSpan>.Bad($"must be a duration such as \"90s\", \"1h30m\" or \"7d\", not {Shown(value)}");
        }

        return duration >= least && duration <= most
            ? ConfigurationReading<TimeSpan>.Of(duration)
            : ConfigurationReading<TimeSpan>.Bad(
                $"must be {ConfigurationDuration.Format(least)} to {ConfigurationDuration.Format(most)}, not {Shown(value)}");
    }

    public static ConfigurationReading<long> Size(ConfigurationValue value, long least)
    {
        long? size = value.Content switch
        {
            long bytes => bytes,
            string text => ConfigurationSize.Parse(text, bytesWithoutUnit: value.IsText),
            _ => null,
        };
        if (size is null)
        {
            return ConfigurationReading<long>.Bad($"must be a size such as \"256MiB\" or \"10GiB\", or bytes, not {Shown(value)}");
        }

        return size >= least
            ? ConfigurationReading<long>.Of(size.Value)
            : ConfigurationReading<long>.Bad($"must be {ConfigurationSize.Format(least)} or more, not {Shown(value)}");
    }

    /// <summary>One of an enum's names in lower case.</summary>
    public static ConfigurationReading<TEnum> Choice<TEnum>(ConfigurationValue value)
        where TEnum : struct, Enum
    {
        var names = Enum.GetNames<TEnum>().Select(name => name.ToLowerInvariant()).ToList();
        if (value.Content is string text && names.Contains(text, StringComparer.Ordinal))
        {
            return ConfigurationReading<TEnum>.Of(Enum.Parse<TEnum>(text, ignoreCase: true));
        }

        var quoted = names.Select(name => $"\"{name}\"").ToList();
        var list = $"{string.Join(", ", quoted.SkipLast(1))} or {quoted[^1]}";
        return ConfigurationReading<TEnum>.Bad($"must be {list}, not {Shown(value)}");
    }

    /// <summary>An http or https URL; an empty string is none.</summary>
    public static ConfigurationReading<Uri?> Url(ConfigurationValue value)
    {
        if (value.Content is "")
        {
            return ConfigurationReading<Uri?>.Of(null);
        }

        return value.Content is string text && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? ConfigurationReading<Uri?>.Of(url)
            : ConfigurationReading<Uri?>.Bad($"must be an http or https URL, or \"\", not {Shown(value)}");
    }

    /// <summary>A value in a message: short, printable, without passwords.</summary>
    private static string Shown(ConfigurationValue value) => value.Content switch
    {
        string text => $"\"{ConfigurationSecrets.Printable(ConfigurationSecrets.Mask(text))}\"",
        bool or null => value.Kind,
        var number => string.Create(CultureInfo.InvariantCulture, $"{number}"),
    };

    private static bool TryWholeNumber(ConfigurationValue value, out long number)
    {
        number = value.Content as long? ?? 0;
        return value.Content is long
            || (value is { IsText: true, Content: string text }
                && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number));
    }
}
