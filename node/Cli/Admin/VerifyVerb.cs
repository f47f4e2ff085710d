using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens verify GO.SUM</c>: what a project expects against what the pool knows.</summary>
internal sealed class VerifyVerb(TrustInquiry inquiry) : IAdminVerb
{
    /// <summary>Lines that are printed: a person reads no more, and --json has them all.</summary>
    public const int MostPrinted = 1000;

    public string Name => "verify";

    public async ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (GoSumLine.ParseFile(request.Input.Span, out var reason) is not { } lines)
        {
            return new AdminAnswer(ExitCodes.WrongUse, $"this is no go.sum: {reason}");
        }

        var verdicts = await inquiry.CheckAsync(lines, cancellationToken);
        var counts = Enum.GetValues<LineStanding>().ToDictionary(standing => standing, standing => verdicts.Count(verdict => verdict.Standing == standing));
        var exitCode = counts[LineStanding.Mismatch] > 0 ? ExitCodes.SecurityFailure : counts[LineStanding.Unknown] > 0 ? ExitCodes.CouldNot : ExitCodes.Done;
        return new AdminAnswer(exitCode, Text(verdicts, counts, request.Options.ContainsKey(ProvenanceCommand.VerboseOption)), Json(verdicts, counts));
    }

    private static string Text(IReadOnlyList<LineVerdict> verdicts, Dictionary<LineStanding, int> counts, bool isVerbose)
    {
        var text = new StringBuilder();
        var shown = verdicts.Where(verdict => isVerbose || verdict.Standing != LineStanding.Proven).OrderByDescending(verdict => verdict.Standing == LineStanding.Mismatch).ToList();
        foreach (var verdict in shown.Take(MostPrinted))
        {
            text.Append(CultureInfo.InvariantCulture, $"line {verdict.Line.Number}: {Word(verdict.Standing)}: {verdict.Line.Module}{(verdict.Line.IsMod ? " go.mod" : "")}: {verdict.Why}\n");
        }

        if (shown.Count > MostPrinted)
        {
            text.Append(CultureInfo.InvariantCulture, $"{shown.Count - MostPrinted} more are not printed; --json has them all\n");
        }

        return text.Append(
            CultureInfo.InvariantCulture,
            $"{verdicts.Count} lines: {counts[LineStanding.Proven]} proven, {counts[LineStanding.Unknown]} unknown, {counts[LineStanding.Mismatch]} wrong").ToString();
    }

    private static JsonObject Json(IReadOnlyList<LineVerdict> verdicts, Dictionary<LineStanding, int> counts) => new()
    {
        ["proven"] = counts[LineStanding.Proven],
        ["unknown"] = counts[LineStanding.Unknown],
        ["wrong"] = counts[LineStanding.Mismatch],
        ["lines"] = new JsonArray([.. verdicts.Select(verdict => new JsonObject
        {
            ["line"] = verdict.Line.Number,
            ["module"] = verdict.Line.Module.Path,
            ["version"] = verdict.Line.Module.Version,
            ["file"] = verdict.Line.IsMod ? "go.mod" : "zip",
            ["hash"] = Shown.Text(verdict.Line.Hash),
            ["standing"] = Word(verdict.Standing),
            ["why"] = verdict.Why,
        })]),
    };

    private static string Word(LineStanding standing) => standing switch
    {
        LineStanding.Proven => "proven",
        LineStanding.Unknown => "unknown",
        _ => "WRONG",
    };
}
