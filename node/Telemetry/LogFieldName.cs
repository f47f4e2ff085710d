using System.Collections.Concurrent;
using System.Text.Json;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// A field's name as it is written: its first letter in lower case, so that a reader need not know whether the name came
/// from a parameter (<c>module</c>) or from a message (<c>Module</c>).
/// </summary>
internal static class LogFieldName
{
    /// <summary>Names are constants in code, so far fewer exist; a caller that makes them up fills no memory.</summary>
    private const int CacheLimit = 4096;

    private static readonly ConcurrentDictionary<string, JsonEncodedText> Cache = new(StringComparer.Ordinal);

    public static JsonEncodedText Of(string field)
    {
        if (!Cache.TryGetValue(field, out var name))
        {
            name = JsonEncodedText.Encode(field.Length == 0 ? field : char.ToLowerInvariant(field[0]) + field[1..]);
            if (Cache.Count < CacheLimit)
            {
                Cache.TryAdd(field, name);
            }
        }

        return name;
    }
}
