namespace Athens.Federation.Node.Host;

/// <summary>Gives the file's entries to their settings, and reports those that have none.</summary>
internal sealed class ConfigurationFileBinding(ConfigurationBinder binder, string file, ConfigurationFolders folders)
{
    private readonly HashSet<string> reported = new(StringComparer.Ordinal);
    private readonly Dictionary<ConfigurationSetting, (Dictionary<string, string> Content, int Line)> tables = [];
    private readonly ConfigurationPeers peers = new(binder, file, folders);

    /// <param name="entries">The file's names.</param>
    /// <param name="isWhole">False after errors of syntax: what seems to be missing may stand on a line that was not understood.</param>
    public void Bind(IReadOnlyList<ConfigurationFileEntry> entries, bool isWhole)
    {
        foreach (var entry in entries)
        {
            Bind(entry);
        }

        peers.End(isWhole);

        foreach (var (setting, (content, line)) in tables)
        {
            binder.Set(setting, new(content, ConfigurationValue.Table, IsText: false, folders), file, line);
        }
    }

    private static string Shown(string name) => ConfigurationSecrets.Printable(name);

    private void Bind(ConfigurationFileEntry entry)
    {
        var section = entry.Path[0];
        if (section == ConfigurationPeers.Section)
        {
            peers.Bind(entry);
        }
        else if (!ConfigurationSettings.Sections.Contains(section, StringComparer.Ordinal))
        {
            FailUnknownSection(entry);
        }
        else if (entry.IsArrayOfTables)
        {
            var name = Shown(string.Join('.', entry.Path));
            binder.Fail(file, entry.Line, $"[{name}] is one table, not several: write [{name}], not [[{name}]]");
        }
        else if (entry.IsOfArray)
        {
            // Its header has been refused.
        }
        else if (entry.Path.Count > 1)
        {
            BindKey(entry);
        }
        else if (entry.Value is not (null or Tomlyn.Syntax.InlineTableSyntax))
        {
            binder.Fail(file, entry.Line, $"[{section}] must be a table: write [{section}] and its keys below");
        }
    }

    private void BindKey(ConfigurationFileEntry entry)
    {
        var (section, key) = (entry.Path[0], entry.Path[1]);
        var setting = ConfigurationSettings.All.FirstOrDefault(known => known.Section == section && known.Key == key);
        if (setting is null)
        {
            FailUnknownKey(entry.Line, section, key);
        }
        else if (setting.Table is { } table)
        {
            BindTable(setting, table, entry);
        }
        else if (entry.Path.Count == 2 && entry.Value is not null)
        {
            binder.Set(setting, ConfigurationValue.OfFile(entry.Value, folders), file, entry.Line);
        }
        else if (reported.Add($"{section}.{key}"))
        {
            binder.Set(setting, ConfigurationValue.OfFile(null, folders), file, entry.Line);
        }
    }

    private void BindTable(ConfigurationSetting setting, ConfigurationTable form, ConfigurationFileEntry entry)
    {
        var isTable = entry.Value is null or Tomlyn.Syntax.InlineTableSyntax;
        if (entry.Path.Count == 2 && !isTable)
        {
            binder.Set(setting, ConfigurationValue.OfFile(entry.Value, folders), file, entry.Line);
            return;
        }

        if (!tables.TryGetValue(setting, out var table))
        {
            tables[setting] = table = (new(StringComparer.Ordinal), entry.Line);
        }

        if (entry.Path.Count == 2)
        {
            return;
        }

        // The value may be a secret: messages name the entry only.
        var name = entry.Path[2];
        var where = $"[{setting.Section}] {setting.Key}";
        var value = ConfigurationValue.OfFile(entry.Value, folders);
        if (form.ProblemOfName(name) is { } problem)
        {
            binder.Fail(file, entry.Line, $"{where}: \"{Shown(name)}\" {problem}");
        }
        else if (entry.Path.Count > 3 || value.Content is not string text)
        {
            var kind = entry.Path.Count > 3 ? ConfigurationValue.Table : value.Kind;
            binder.Fail(file, entry.Line, $"{where}.{Shown(name)} must be a string, not {kind}");
        }
        else if (form.ProblemOfValue(text) is { } wrong)
        {
            binder.Fail(file, entry.Line, $"{where}.{Shown(name)} {wrong}");
        }
        else
        {
            table.Content[name] = text;
        }
    }

    private void FailUnknownSection(ConfigurationFileEntry entry)
    {
        var name = entry.Path[0];
        if (!reported.Add(name))
        {
            return;
        }

        var isKey = entry.Path.Count == 1 && entry.Value is not (null or Tomlyn.Syntax.InlineTableSyntax);
        var home = ConfigurationSettings.All.FirstOrDefault(setting => setting.Key == name);
        if (isKey)
        {
            binder.Fail(file, entry.Line, home is null
                ? $"\"{Shown(name)}\" stands outside of a section and is not known"
                : $"\"{Shown(name)}\" stands outside of a section; it belongs under [{home.Section}]");
            return;
        }

        var sections = ConfigurationSettings.Sections.Select(section => $"[{section}]").Append(ConfigurationPeers.Header).ToList();
        var suggestion = ConfigurationSuggestion.For($"[{name}]", sections);
        var hint = suggestion.Length > 0 ? suggestion : $" (it knows {string.Join(", ", sections)})";
        binder.Fail(file, entry.Line, $"[{Shown(name)}] is not a section that this version knows{hint}");
    }

    private void FailUnknownKey(int line, string section, string key)
    {
        if (!reported.Add($"{section}.{key}"))
        {
            return;
        }

        var keys = ConfigurationSettings.All.Where(setting => setting.Section == section).Select(setting => setting.Key);
        var suggestion = ConfigurationSuggestion.For(key, keys);
        if (suggestion.Length == 0 && ConfigurationSettings.All.FirstOrDefault(setting => setting.Key == key) is { } elsewhere)
        {
            suggestion = $"; did you mean [{elsewhere.Section}] {key}?";
        }

        binder.Fail(file, line, $"[{section}] {Shown(key)} is not a key that this version knows{suggestion}");
    }
}
