using System.Diagnostics;
using System.Text;
using OpenTelemetry;

namespace Athens.Federation.Node.Telemetry;

/// <summary>
/// The one place where spans are looked at before they leave: what in them names a private module path is taken out, as nobody says whose the collector is. The
/// span stays, with its times and outcome, and the node's own log has the name.
/// </summary>
/// <param name="isPrivate">Whether a module path, or a path below it, is private.</param>
internal sealed class PrivateSpans(Func<string, bool> isPrivate) : BaseProcessor<Activity>
{
    /// <summary>What a version alone tells is little; but it goes with a name that is not told.</summary>
    private const string Version = "athens.version";

    /// <summary>Paths are looked for at each of its slashes; what is longer is no name that a person would miss.</summary>
    private const int MaxLength = 2048;

    public override void OnEnd(Activity data)
    {
        List<string> named = [.. data.TagObjects.Where(tag => tag.Value is string text && Names(text)).Select(static tag => tag.Key)];
        var isNamed = Names(data.DisplayName) || Names(data.StatusDescription ?? "");
        if (named.Count == 0 && !isNamed)
        {
            return;
        }

        foreach (var name in named.Append(Version))
        {
            data.SetTag(name, null);
        }

        // Words of git and of hosts, too, which may tell the name in ways that nobody foresees.
        data.SetStatus(data.Status);
        data.DisplayName = Names(data.DisplayName) ? data.OperationName : data.DisplayName;
    }

    private bool Names(string text) =>
        text.Length > 0 && (text.Length > MaxLength || HasPath(text) || (text.Contains('%', StringComparison.Ordinal) && HasPath(Uri.UnescapeDataString(text))));

    /// <summary>A path may stand anywhere: behind a host in an address, before a version, in a sentence.</summary>
    private bool HasPath(string text)
    {
        var before = false;
        for (var at = 0; at < text.Length; at++)
        {
            var isPart = IsOfElement(text[at]);
            if (isPart && !before && IsPrivateFrom(text, at))
            {
                return true;
            }

            before = isPart;
        }

        return false;
    }

    private bool IsPrivateFrom(string text, int start)
    {
        var end = start;
        while (end < text.Length && (IsOfElement(text[end]) || text[end] == '/'))
        {
            end++;
        }

        var path = text[start..end].TrimEnd('.', '/');
        return isPrivate(path) || (path.Contains('!', StringComparison.Ordinal) && isPrivate(Unescaped(path)));
    }

    /// <summary>As requests have capitals: an exclamation mark and the small letter.</summary>
    private static string Unescaped(string path)
    {
        StringBuilder plain = new(path.Length);
        for (var at = 0; at < path.Length; at++)
        {
            plain.Append(path[at] == '!' && at + 1 < path.Length ? char.ToUpperInvariant(path[++at]) : path[at]);
        }

        return plain.ToString();
    }

    private static bool IsOfElement(char one) => char.IsAsciiLetterOrDigit(one) || one is '-' or '.' or '_' or '~' or '+' or '!';
}
