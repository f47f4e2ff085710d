using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>An incident in words and as JSON.</summary>
internal static class IncidentText
{
    /// <summary>open: something is in quarantine by it. no effect: it rests on keys that this node does not trust.</summary>
    public static string State(IncidentBook book, Incident incident) =>
        incident.Cleared is not null ? "cleared" : book.IsInEffect(incident) ? "open" : "no effect";

    public static string Describe(IncidentBook book, Incident incident)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"incident    {incident.Id} ({State(book, incident)})\n");
        text.Append(CultureInfo.InvariantCulture, $"kind        {incident.Kind.Name()}\n");
        text.Append(CultureInfo.InvariantCulture, $"what        {incident.Sentence}\n");
        text.Append(CultureInfo.InvariantCulture, $"quarantine  {incident.Subject}\n");
        foreach (var key in incident.Keys)
        {
            text.Append(CultureInfo.InvariantCulture, $"by key      {key}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"found       {Time(incident.Found)} by {(incident.From.Length == 0 ? "this node" : "peer " + incident.From)}\n");
        text.Append(CultureInfo.InvariantCulture, $"evidence    {book.FileOf(incident)}\n");
        text.Append(incident.Cleared is { } cleared
            ? $"cleared     {Time(cleared.At)} by {cleared.By}: {cleared.Because}"
            : $"to end it   athens incident clear {incident.Id} --because TEXT");
        return text.ToString();
    }

    public static JsonObject ToJson(IncidentBook book, Incident incident) => new()
    {
        ["id"] = incident.Id,
        ["state"] = State(book, incident),
        ["kind"] = incident.Kind.Name(),
        ["what"] = incident.Sentence,
        ["module"] = incident.Module?.ToString(),
        ["log"] = incident.Guilty?.ToString(),
        ["keys"] = new JsonArray([.. incident.Keys.Select(key => JsonValue.Create(key.ToString()))]),
        ["found"] = Time(incident.Found),
        ["from"] = incident.From.Length == 0 ? null : incident.From,
        ["file"] = book.FileOf(incident),
        ["cleared"] = incident.Cleared is { } cleared
            ? new JsonObject { ["by"] = cleared.By, ["at"] = Time(cleared.At), ["because"] = cleared.Because }
            : null,
    };

    public static AdminAnswer Unknown(AdminRequest request) => new(
        ExitCodes.CouldNot, $"there is no incident {Shown.Text(string.Join(' ', request.Words))} here: 'athens incident list' shows all");

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
