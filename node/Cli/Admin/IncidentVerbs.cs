using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens incident list</c>: one line for each, the newest last.</summary>
internal sealed class IncidentListVerb(IncidentBook book) : IAdminVerb
{
    public string Name => "incident list";

    public ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        var all = book.All;
        var text = all.Count == 0 ? "There are no incidents." : string.Join('\n', all.Select(Line));
        return new(new AdminAnswer(ExitCodes.Done, text, new JsonArray([.. all.Select(incident => IncidentText.ToJson(book, incident))])));
    }

    private string Line(Incident incident) => string.Create(
        CultureInfo.InvariantCulture,
        $"{incident.Id}  {incident.Found.UtcDateTime:yyyy-MM-dd HH:mm}  {IncidentText.State(book, incident),-9}  {incident.Kind.Name(),-19}  {incident.Subject}");
}

/// <summary><c>athens incident show ID</c>: all that is known of one, and its evidence.</summary>
internal sealed class IncidentShowVerb(IncidentBook book) : IAdminVerb
{
    public string Name => "incident show";

    public async ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (request.Words is not [var id] || book.Find(id) is not { } incident)
        {
            return IncidentText.Unknown(request);
        }

        var evidence = await book.EvidenceAsync(id, cancellationToken);
        var json = IncidentText.ToJson(book, incident);
        json["evidence"] = evidence is { } file ? Encoding.UTF8.GetString(file.Span) : null;
        return new AdminAnswer(ExitCodes.Done, IncidentText.Describe(book, incident), json);
    }
}

/// <summary><c>athens incident clear ID --because TEXT</c>: a person ends a quarantine.</summary>
internal sealed class IncidentClearVerb(IncidentBook book) : IAdminVerb
{
    /// <summary>Characters of a reason.</summary>
    public const int MaxBecause = 1000;

    public string Name => "incident clear";

    public async ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        var because = request.Options.GetValueOrDefault("because", "").Trim();
        if (because.Length is 0 or > MaxBecause)
        {
            return new AdminAnswer(ExitCodes.WrongUse, $"say why, in 1 to {MaxBecause} characters: athens incident clear ID --because \"upstream confirmed ...\"");
        }

        if (request.Words is not [var id] || book.Find(id) is not { } incident)
        {
            return IncidentText.Unknown(request);
        }

        if (incident.Cleared is { } cleared)
        {
            return new AdminAnswer(ExitCodes.CouldNot, $"incident {id} was cleared by {cleared.By} already: {cleared.Because}");
        }

        await book.ClearAsync(id, Shown.Text(request.By), because, cancellationToken);
        return new AdminAnswer(
            ExitCodes.Done,
            $"Incident {id} is cleared: {incident.Subject} may be used again. The same disagreement does not open it again.",
            IncidentText.ToJson(book, book.Find(id) ?? incident));
    }
}
