using System.Text.Json.Nodes;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>
/// A verb of <c>athens</c> that a running node carries out: the command sends name and words over <c>&lt;data&gt;/admin.sock</c>, prints the answer and ends
/// with its exit code. The socket's file mode (0600) decides who may.
/// </summary>
internal interface IAdminVerb
{
    /// <summary>As typed, words divided by one space: <c>incident list</c>.</summary>
    string Name { get; }

    /// <summary>Carries it out. The words are checked by the command's parser for number only: their content is a person's.</summary>
    ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken);
}

/// <param name="Words">The arguments in order.</param>
/// <param name="Options">
/// Flags by long name without dashes; a flag without a value has an empty one. <see cref="ByOption"/> is always there: the user of the operating system who
/// typed it, as the command says. Who can connect is that user or root, so a lie about it is told to oneself.
/// </param>
/// <param name="Input">A file's content, where the verb takes one (<c>athens verify go.sum</c>); at most 8 MiB. Empty for none.</param>
internal sealed record AdminRequest(IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Options, ReadOnlyMemory<byte> Input)
{
    /// <summary>Not a flag.</summary>
    public const string ByOption = "by";

    public string By => Options.GetValueOrDefault(ByOption, "");
}

/// <param name="ExitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="Text">For a person; printed to standard output when the exit code is 0 or 3 or there is JSON too, else to standard error.</param>
/// <param name="Json">What <c>--json</c> prints instead; null when the verb has no such form.</param>
/// <param name="Output">A file that the command writes where <c>--tlog-proof FILE</c> (or the like) says; empty for none.</param>
internal sealed record AdminAnswer(int ExitCode, string Text, JsonNode? Json = null, ReadOnlyMemory<byte> Output = default);
