using System.Collections;
using System.Diagnostics;

namespace OpenTelemetry.Exporter;

/// <summary>
/// A span's tags: those of the resource, of the activity, its scope and its status. Each key once, the last value wins.
/// </summary>
internal sealed class SpanTags : IEnumerable<KeyValuePair<string, string>>
{
    private const string StatusCode = "otel.status_code";
    private const string StatusDescription = "otel.status_description";
    private const string Error = "error";

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>Forgets the last span's tags and takes this one's.</summary>
    public void Collect(Activity activity, List<KeyValuePair<string, object>> resourceTags)
    {
        values.Clear();
        foreach (var (key, value) in resourceTags)
        {
            Add(key, value);
        }

        foreach (ref readonly var tag in activity.EnumerateTagObjects())
        {
            Add(tag.Key, tag.Value);
        }

        AddScope(activity.Source);
        AddStatus(activity);
    }

    public string? this[string key] => values.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    public Dictionary<string, string>.Enumerator GetEnumerator() => values.GetEnumerator();

    IEnumerator<KeyValuePair<string, string>> IEnumerable<KeyValuePair<string, string>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Add(string key, object? value)
    {
        if (!string.IsNullOrEmpty(key) && value is not null)
        {
            values[key] = TagText.From(value);
        }
    }

    private void AddScope(ActivitySource source)
    {
        if (source.Name.Length == 0)
        {
            return;
        }

        // The specification wants the deprecated otel.library names beside the present ones.
        values["otel.scope.name"] = source.Name;
        values["otel.library.name"] = source.Name;
        if (!string.IsNullOrEmpty(source.Version))
        {
            values["otel.scope.version"] = source.Version;
            values["otel.library.version"] = source.Version;
        }
    }

    private void AddStatus(Activity activity)
    {
        // Before activities had a status it was carried in tags; those are believed only when there is none.
        values.Remove(StatusCode, out var taggedCode);
        values.Remove(StatusDescription, out var taggedDescription);
        var (code, description) = activity.Status switch
        {
            ActivityStatusCode.Ok => ("OK", null),
            ActivityStatusCode.Error => ("ERROR", activity.StatusDescription),
            _ => (taggedCode?.ToUpperInvariant(), taggedDescription),
        };
        if (code is "OK" or "ERROR")
        {
            values[StatusCode] = code;
        }

        if (code == "ERROR")
        {
            values[Error] = description ?? "";
        }
        else if (string.Equals(values.GetValueOrDefault(Error), "false", StringComparison.OrdinalIgnoreCase))
        {
            // To Zipkin a span with any error tag, even error=false, has failed.
            values.Remove(Error);
        }
    }
}
