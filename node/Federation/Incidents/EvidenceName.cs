using System.Globalization;
using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Federation.Incidents;

/// <summary>Ids of evidence as messages have them.</summary>
internal static class EvidenceName
{
    public static ulong Of(Incident incident) => Parse(incident.Id);

    public static ulong Of(ReadOnlySpan<byte> evidence) => Parse(Evidence.IdOf(evidence));

    /// <summary>As an <see cref="Incident.Id"/>.</summary>
    public static string ToText(ulong name) => name.ToString("x16", CultureInfo.InvariantCulture);

    private static ulong Parse(string id) => ulong.Parse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
