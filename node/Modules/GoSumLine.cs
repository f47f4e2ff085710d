using System.Text;

namespace Athens.Federation.Node.Modules;

/// <summary>One line of a project's go.sum: what the project expects a zip or a go.mod to hash to.</summary>
/// <param name="Number">Of the line, from 1.</param>
/// <param name="Module">Whose.</param>
/// <param name="IsMod">Whether the hash is of the go.mod; else of the zip.</param>
/// <param name="Hash">As it stands there; an <c>h1:…</c> in any go.sum of today.</param>
internal readonly record struct GoSumLine(int Number, ModuleVersion Module, bool IsMod, string Hash)
{
    /// <summary>Lines that are read: Kubernetes has some thousand.</summary>
    public const int MaxLines = 100_000;

    private const string ModSuffix = "/go.mod";

    /// <summary>
    /// Reads a go.sum as <c>go</c> does (blank lines are left out, the others have three words), or says in one sentence why it is none. A line of a module that cannot
    /// exist makes it none too: what cannot be looked up must not look proven.
    /// </summary>
    /// <param name="file">Hostile.</param>
    /// <param name="reason">What is wrong.</param>
    public static IReadOnlyList<GoSumLine>? ParseFile(ReadOnlySpan<byte> file, out string? reason)
    {
        reason = null;
        List<GoSumLine> lines = [];
        int number = 0;
        foreach (Range range in file.Split((byte)'\n'))
        {
            number++;
            string text = Encoding.UTF8.GetString(file[range]).TrimEnd('\r');
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            if (lines.Count == MaxLines)
            {
                reason = $"it has more than {MaxLines} lines";
                return null;
            }

            if (ParseLine(number, text, out reason) is not { } line)
            {
                reason = $"line {number} is none of a go.sum: {reason}";
                return null;
            }

            lines.Add(line);
        }

        return lines;
    }

    private static GoSumLine? ParseLine(int number, string text, out string? reason)
    {
        reason = "it does not have three words";
        if (text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is not [var path, var version, var hash])
        {
            return null;
        }

        bool isMod = version.EndsWith(ModSuffix, StringComparison.Ordinal);
        return ModuleVersion.Create(path, isMod ? version[..^ModSuffix.Length] : version, out reason) is { } module
            ? new GoSumLine(number, module, isMod, hash)
            : null;
    }
}
