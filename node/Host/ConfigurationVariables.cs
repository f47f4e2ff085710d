namespace Athens.Federation.Node.Host;

/// <summary>The <c>env</c> table: names of environment variables and their values, which are never printed.</summary>
internal static class ConfigurationVariables
{
    /// <summary>Well beyond what a <c>go</c> command is ever told; an environment has its bound in the kernel too.</summary>
    public const int MaxCount = 200;

    public static readonly ConfigurationTable Table = new(
        MaxCount,
        "variables",
        "must be NAME=VALUE pairs separated by ;",
        name => IsName(name) ? null : "cannot be the name of an environment variable",
        value => value.Contains('\0', StringComparison.Ordinal) ? "must not hold a NUL character" : null);

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
