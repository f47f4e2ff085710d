using Tomlyn;
using Tomlyn.Syntax;

namespace Athens.Federation.Node.Host;

/// <summary>One name of the file with its place.</summary>
/// <param name="Path">Section, key, and what lies deeper.</param>
/// <param name="Value">The value; null for a table's header.</param>
/// <param name="IsArrayOfTables">A header in double brackets.</param>
/// <param name="Line">From 1.</param>
internal sealed record ConfigurationFileEntry(IReadOnlyList<string> Path, ValueSyntax? Value, bool IsArrayOfTables, int Line)
{
    /// <summary>Whether it stands below a header in double brackets, the last one that came before.</summary>
    public bool IsOfArray { get; init; }
}

/// <summary>The file as a flat list of names: headers, dotted keys and inline tables all come out alike.</summary>
internal static class ConfigurationFile
{
    /// <summary>Hundreds of times a file in which every key is explained; a bigger one is another file by mistake.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Reads at most <see cref="MaxBytes"/>; null and a sentence when it cannot be read.</summary>
    public static byte[]? Read(string path, out string? problem)
    {
        problem = null;
        if (Directory.Exists(path))
        {
            problem = "is a folder, not a file";
            return null;
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length <= MaxBytes)
            {
                return bytes[..length];
            }

            problem = $"is longer than {ConfigurationSize.Format(MaxBytes)}: not a configuration file";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = "does not exist";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = $"cannot be read: {e.Message}";
        }

        return null;
    }

    public static (IReadOnlyList<ConfigurationFileEntry> Entries, IReadOnlyList<ConfigurationError> Errors) Parse(
        byte[] bytes, string name)
    {
        var document = Toml.Parse(bytes, name);
        List<ConfigurationFileEntry> entries = [];
        foreach (var pair in document.KeyValues)
        {
            Add(entries, [], pair, isOfArray: false);
        }

        foreach (var table in document.Tables)
        {
            if (table.Name is not { } header)
            {
                continue;
            }

            var path = Names(header);
            entries.Add(new(path, null, table is TableArraySyntax, LineOf(header)));
            foreach (var pair in table.Items)
            {
                Add(entries, path, pair, table is TableArraySyntax);
            }
        }

        var errors = document.Diagnostics
            .Where(diagnostic => diagnostic.Kind == DiagnosticMessageKind.Error)
            .Select(diagnostic => new ConfigurationError(name, diagnostic.Span.Start.Line + 1, diagnostic.Message));
        return (entries, [.. errors]);
    }

    private static void Add(List<ConfigurationFileEntry> entries, IReadOnlyList<string> parent, KeyValueSyntax pair, bool isOfArray)
    {
        if (pair is not { Key: { } key, Value: { } value })
        {
            return;
        }

        IReadOnlyList<string> path = [.. parent, .. Names(key)];
        if (value is InlineTableSyntax { Items.ChildrenCount: > 0 } table)
        {
            foreach (var item in table.Items)
            {
                Add(entries, path, item.KeyValue ?? new KeyValueSyntax(), isOfArray);
            }

            return;
        }

        entries.Add(new(path, value, IsArrayOfTables: false, LineOf(key)) { IsOfArray = isOfArray });
    }

    private static int LineOf(KeySyntax key) => key.Span.Start.Line + 1;

    private static List<string> Names(KeySyntax key) => [NameOf(key.Key), .. key.DotKeys.Select(part => NameOf(part.Key))];

    private static string NameOf(BareKeyOrStringValueSyntax? part) => part switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? string.Empty,
        StringValueSyntax quoted => quoted.Value ?? string.Empty,
        _ => string.Empty,
    };
}
