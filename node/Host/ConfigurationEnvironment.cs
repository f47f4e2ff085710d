namespace Athens.Federation.Node.Host;

/// <summary>The environment's <c>ATHENS_SECTION_KEY</c> variables. An empty one counts as not set.</summary>
internal static class ConfigurationEnvironment
{
    /// <summary>Names the file, as <c>--config</c> does.</summary>
    public const string FileVariable = "ATHENS_CONFIG";

    private const string PeerVariable = ConfigurationSettings.VariablePrefix + "PEER";

    public static void Bind(IReadOnlyDictionary<string, string> environment, ConfigurationFolders folders, ConfigurationBinder binder)
    {
        var variables = environment.Where(variable =>
            variable.Key.StartsWith(ConfigurationSettings.VariablePrefix, StringComparison.Ordinal)
            && variable.Value.Length > 0 && variable.Key != FileVariable && !IsServiceLink(variable.Key));
        foreach (var (name, text) in variables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            var setting = ConfigurationSettings.All.FirstOrDefault(known => known.Variable == name);
            if (setting is not null)
            {
                binder.Set(setting, ConfigurationValue.OfText(text, folders), name, 0);
                continue;
            }

            if (name == PeerVariable || name.StartsWith(PeerVariable + "_", StringComparison.Ordinal))
            {
                binder.Fail(
                    ConfigurationSecrets.Printable(name), 0,
                    $"peers cannot be set in the environment: write a {ConfigurationPeers.Header} table for each into {ConfigurationLoader.DefaultFile}");
                continue;
            }

            var known = ConfigurationSettings.All.Select(candidate => candidate.Variable).Append(FileVariable);
            binder.Fail(
                ConfigurationSecrets.Printable(name), 0,
                $"is not a variable that this version knows{ConfigurationSuggestion.For(name, known)}");
        }
    }

    /// <summary>
    /// Kubernetes sets such variables in every pod for a service named "athens" or "athens-…"
    /// (kubernetes.io/docs/concepts/services-networking/service, environment variables): not meant for this node.
    /// </summary>
    private static bool IsServiceLink(string name)
    {
        string[] endings = ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"];
        string[] protocols = ["_TCP", "_UDP", "_SCTP"];
        return Array.Exists(endings, ending => name.EndsWith(ending, StringComparison.Ordinal))
            || name.Contains("_SERVICE_PORT_", StringComparison.Ordinal)
            || (name.Split("_PORT_", 2) is [_, [>= '0' and <= '9', ..] rest]
                && Array.Exists(protocols, protocol => rest.Contains(protocol, StringComparison.Ordinal)));
    }
}
