using System.Text;

namespace Makaretu.Dns;

/// <summary>A name as a row of labels, compared without regard to the case of ASCII letters.</summary>
public class DomainName : IEquatable<DomainName>
{
    private readonly string[] labels;
    private string? canonical;

    /// <param name="name">Labels with dots between them; <c>\.</c> is a dot inside a label, <c>\\</c> a backslash, <c>\DDD</c> a character by its number.</param>
    public DomainName(string name) => labels = Parse(name);

    /// <param name="labels">As they are, nothing is escaped.</param>
    public DomainName(params string[] labels) => this.labels = [.. labels];

    public IReadOnlyList<string> Labels => labels;

    /// <summary>All labels lowered, with a separator that no text form has: equal names have equal ones.</summary>
    internal string Canonical => canonical ??= string.Join('\0', labels).ToLowerAscii();

    public static implicit operator DomainName(string s) => new(s);

    public static bool operator ==(DomainName? a, DomainName? b) => a is null ? b is null : a.Equals(b);

    public static bool operator !=(DomainName? a, DomainName? b) => !(a == b);

    public static DomainName Join(params DomainName[] names) => new([.. names.SelectMany(static name => name.labels)]);

    public bool Equals(DomainName? that) => that is not null && string.Equals(Canonical, that.Canonical, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as DomainName);

    public override int GetHashCode() => Canonical.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => string.Join('.', labels.Select(static label =>
        label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal)));

    private static string[] Parse(string name)
    {
        List<string> found = [];
        var label = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '.')
            {
                found.Add(label.ToString());
                label.Clear();
            }
            else if (name[i] == '\\' && i + 3 < name.Length && int.TryParse(name.AsSpan(i + 1, 3), out var number))
            {
                label.Append((char)number);
                i += 3;
            }
            else if (name[i] == '\\' && i + 1 < name.Length)
            {
                label.Append(name[++i]);
            }
            else
            {
                label.Append(name[i]);
            }
        }

        if (label.Length > 0)
        {
            found.Add(label.ToString());
        }

        return [.. found];
    }
}
