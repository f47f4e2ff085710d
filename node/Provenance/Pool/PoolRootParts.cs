using System.Collections.Immutable;
using System.Text;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Pool;

/// <summary>The lists at the end of a pool root's text: orgs, then namespaces.</summary>
internal static class PoolRootParts
{
    /// <summary>Names are unique also when case is not looked at, and keys whatever they are called: one key is never counted as two orgs.</summary>
    public static IReadOnlyList<PoolOrg> ReadOrgs(PoolLines lines)
    {
        var orgs = new List<PoolOrg>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (lines.Maybe("org") is { } value)
        {
            if (orgs.Count == PoolRoot.MaxOrgs)
            {
                lines.Refuse($"the pool root has more than {PoolRoot.MaxOrgs} orgs");
            }
            else if (ReadOrg(value) is not { } org)
            {
                lines.Refuse("the pool root has a line of an org that is not \"org NAME KEY\"");
            }
            else if (!names.Add(org.Name) || !keys.Add(org.Key.Name) || !keys.Add(Convert.ToBase64String(org.Key.PublicKey.Span)))
            {
                lines.Refuse("the pool root has two orgs of one name or one key");
            }
            else if (orgs.Count > 0 && string.CompareOrdinal(orgs[^1].Name, org.Name) > 0)
            {
                lines.Refuse("the pool root's orgs are not sorted by name");
            }
            else
            {
                orgs.Add(org);
            }
        }

        if (orgs.Count == 0)
        {
            lines.Refuse("the pool root has no org");
        }

        return orgs;
    }

    public static IReadOnlyDictionary<string, string> ReadNamespaces(PoolLines lines, IReadOnlyList<PoolOrg> orgs)
    {
        var namespaces = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var names = orgs.Select(org => org.Name).ToHashSet(StringComparer.Ordinal);
        var last = "";
        while (lines.Maybe("namespace") is { } value)
        {
            if (namespaces.Count == PoolRoot.MaxNamespaces)
            {
                lines.Refuse($"the pool root has more than {PoolRoot.MaxNamespaces} namespaces");
            }
            else if (value.Split(' ') is not [var pattern, var org] || !PoolSyntax.IsPattern(pattern) || !names.Contains(org))
            {
                lines.Refuse("the pool root has a line of a namespace that is not \"namespace PATTERN ORG\" with an org of the pool");
            }
            else if (string.CompareOrdinal(last, pattern) >= 0)
            {
                lines.Refuse("the pool root's namespaces are not sorted, or one stands there twice");
            }
            else
            {
                namespaces.Add(pattern, org);
                last = pattern;
            }
        }

        return namespaces.ToImmutable();
    }

    public static void Write(StringBuilder text, IReadOnlyList<PoolOrg> orgs, ImmutableSortedDictionary<string, string> namespaces)
    {
        foreach (var org in orgs.OrderBy(org => org.Name, StringComparer.Ordinal))
        {
            text.Append("org ").Append(org.Name).Append(' ').Append(org.Key).Append('\n');
        }

        foreach (var (pattern, org) in namespaces)
        {
            text.Append("namespace ").Append(pattern).Append(' ').Append(org).Append('\n');
        }
    }

    private static PoolOrg? ReadOrg(string value) =>
        value.Split(' ') is [var name, var text] && PoolSyntax.IsName(name)
        && NoteVerifier.Parse(text, out _) is { } key && NoteName.IsShort(key.Name) && string.Equals(key.ToString(), text, StringComparison.Ordinal)
            ? new PoolOrg(name, key)
            : null;
}
