using System.CommandLine;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>How the verbs of <c>athens incident</c> are typed.</summary>
internal static class IncidentCommand
{
    private static readonly Argument<string> Id = new("ID") { Description = "as athens incident list shows it" };

    public static IReadOnlyList<NodeVerb> Verbs =>
    [
        new("incident list", "List all incidents and whether something is in quarantine by them."),
        new("incident show", "Show an incident, who is quarantined by it, and where its evidence is.") { Words = [Id] },
        new("incident clear", "End the quarantine of an incident, for good. Whoever does so takes the word of the log or the bytes from then on.")
        {
            Words = [Id],
            Options = [new Option<string?>("--because") { Description = "why, for those who come later", HelpName = "TEXT", Required = true }],
        },
    ];
}
