using Tomlyn.Syntax;

namespace Athens.Federation.Node.Host;

/// <summary>A value as it was written, before a setting has understood it.</summary>
/// <param name="Content">A string, long, double, bool or string dictionary; null for what no setting takes.</param>
/// <param name="Kind">What it is, for messages: "a string".</param>
/// <param name="IsText">From the environment or a flag: a string that may stand for a value of any type.</param>
/// <param name="Folder">What a relative path starts from.</param>
internal sealed record ConfigurationValue(object? Content, string Kind, bool IsText, ConfigurationFolders Folder)
{
    public const string Table = "a table";

    /// <summary>From the environment or a flag.</summary>
    public static ConfigurationValue OfText(string text, ConfigurationFolders folder) => new(text, "a string", IsText: true, folder);

    public static ConfigurationValue OfFile(ValueSyntax? syntax, ConfigurationFolders folder)
    {
        (object? content, var kind) = syntax switch
        {
            StringValueSyntax text => (text.Value, "a string"),
            IntegerValueSyntax integer => ((object?)integer.Value, "a whole number"),
            FloatValueSyntax number => (number.Value, "a fraction"),
            BooleanValueSyntax boolean => (boolean.Value, "true or false"),
            ArraySyntax => (null, "an array"),
            DateTimeValueSyntax => (null, "a date or time"),
            _ => (null, Table),
        };
        return new(content, kind, IsText: false, folder);
    }
}

/// <summary>What paths in values start from: the folder of the file (or the current one), and <c>~</c>.</summary>
internal sealed record ConfigurationFolders(string Base, string? Home)
{
    public string Absolute(string path)
    {
        var expanded = path.StartsWith("~/", StringComparison.Ordinal) && Home is not null ? Path.Combine(Home, path[2..]) : path;
        return Path.GetFullPath(expanded, Base);
    }
}

/// <summary>A value understood, or what is wrong with it, beginning with "must".</summary>
internal readonly record struct ConfigurationReading<T>(T? Value, string? Problem)
{
    public static ConfigurationReading<T> Of(T value) => new(value, null);

    public static ConfigurationReading<T> Bad(string problem) => new(default, problem);
}
