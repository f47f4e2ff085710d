using Athens.Federation.Node.Storage;

namespace Athens.Federation.Node.Host;

/// <summary>The configuration that the node was started with, and where it came from.</summary>
/// <param name="Loaded">Without errors.</param>
/// <param name="Source">Reads it again.</param>
/// <param name="Stamp">The file's state just before it was read.</param>
internal sealed record RunningConfiguration(ConfigurationResult Loaded, ConfigurationSource Source, FileStamp? Stamp)
{
    public NodeConfiguration Values => Loaded.Configuration!;

    /// <summary>Keys that say something else by now, as <c>[section] key</c>: they are read at start alone.</summary>
    public IReadOnlyList<string> KeysThatDiffer(ConfigurationResult now)
    {
        var differ = Loaded.Entries.Zip(now.Entries).Where(pair => pair.First.Value != pair.Second.Value).Select(pair => pair.First);
        List<string> keys = [.. differ.Select(entry => $"[{entry.Section}] {entry.Key}")];

        // Its values are not shown, so the entries do not tell.
        var (old, @new) = (Values.Upstream.Env, now.Configuration!.Upstream.Env);
        const string env = "[upstream] env";
        if (!keys.Contains(env, StringComparer.Ordinal) && old.Any(variable => @new.GetValueOrDefault(variable.Key) != variable.Value))
        {
            keys.Add(env);
        }

        return keys;
    }
}
