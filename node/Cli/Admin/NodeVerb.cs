using System.CommandLine;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>How a verb that a running node carries out (<see cref="IAdminVerb"/>) is typed. Every such verb takes <c>--json</c>.</summary>
/// <param name="Name">As the node knows it, words divided by one space; the last is the command's.</param>
/// <param name="Description">For <c>--help</c>.</param>
internal sealed record NodeVerb(string Name, string Description)
{
    /// <summary>Sent as words, in order.</summary>
    public IReadOnlyList<Argument<string>> Words { get; init; } = [];

    /// <summary>Sent after <see cref="Words"/> where they are given.</summary>
    public IReadOnlyList<Argument<string?>> OptionalWords { get; init; } = [];

    /// <summary>Sent when given, by their names without dashes.</summary>
    public IReadOnlyList<Option<string?>> Options { get; init; } = [];

    /// <summary>Flags without a value.</summary>
    public IReadOnlyList<Option<bool>> Flags { get; init; } = [];

    /// <summary>A file whose content is sent; its name is not.</summary>
    public Argument<string>? Input { get; init; }

    /// <summary>The file into which the node's output goes; not sent but as a flag.</summary>
    public Option<string?>? Output { get; init; }

    private Option<bool> Json { get; } = new("--json") { Description = "print JSON" };

    /// <summary>Adds what the verb takes to its command.</summary>
    public void AddTo(Command command)
    {
        foreach (var word in Words)
        {
            command.Arguments.Add(word);
        }

        foreach (var word in OptionalWords)
        {
            command.Arguments.Add(word);
        }

        if (Input is not null)
        {
            command.Arguments.Add(Input);
        }

        foreach (var option in Options.Cast<Option>().Concat(Flags).Concat(Output is null ? [] : [Output]).Append(Json))
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Sends it, prints the answer, and gives the exit code.</summary>
    /// <exception cref="IOException">A file that it takes or gives cannot be used.</exception>
    public async Task<int> RunAsync(string dataFolder, ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal) { [AdminRequest.ByOption] = User() };
        foreach (var option in Options.Concat(Output is null ? [] : [Output]))
        {
            if (parsed.GetValue(option) is { } value)
            {
                options[option.Name.TrimStart('-')] = option == Output ? "" : value;
            }
        }

        foreach (var flag in Flags.Where(parsed.GetValue))
        {
            options[flag.Name.TrimStart('-')] = "";
        }

        var input = Input is null ? [] : await ReadAsync(parsed.GetRequiredValue(Input), cancellationToken);
        var request = new AdminRequest([.. Words.Select(parsed.GetRequiredValue), .. OptionalWords.Select(parsed.GetValue).OfType<string>()], options, input);
        var answer = await AdminClient.AskAsync(dataFolder, Name, request, cancellationToken);
        await PrintAsync(answer, parsed.GetValue(Json));
        if (!answer.Output.IsEmpty && Output is not null && parsed.GetValue(Output) is { } path)
        {
            await File.WriteAllBytesAsync(path, answer.Output, cancellationToken);
        }

        return answer.ExitCode;
    }

    private static async Task PrintAsync(AdminAnswer answer, bool asJson)
    {
        var isAnswer = answer.ExitCode is ExitCodes.Done or ExitCodes.SecurityFailure || answer.Json is not null;
        var text = asJson && isAnswer && answer.Json is { } json ? json.ToJsonString(new() { WriteIndented = true }) : answer.Text;
        if (text.Length > 0)
        {
            await (isAnswer ? Console.Out : Console.Error).WriteLineAsync(isAnswer ? text : "athens: " + text);
        }
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return file.Length <= AdminWire.MaxInput
            ? await File.ReadAllBytesAsync(path, cancellationToken)
            : throw new IOException($"{path} is longer than {AdminWire.MaxInput >> 20} MiB");
    }

    /// <summary>Who typed it; behind sudo the person too.</summary>
    private static string User() =>
        Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } person ? $"{person} as {Environment.UserName}" : Environment.UserName;
}
