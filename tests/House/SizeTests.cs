namespace Athens.Federation.Tests.House;

/// <summary>Habits of size and place. Methods of more than 70 lines are refused by the compiler (MA0051).</summary>
public sealed class SizeTests
{
    private const int LongestFile = 350;
    private const int LongestProgram = 80;

    /// <summary>Names under which unlike things gather.</summary>
    private static readonly string[] NotRooms = ["Utilities", "Utils", "Common", "Helpers", "Model", "Models", "Configuration", "Misc", "Core"];

    [Fact]
    public void No_file_of_the_node_outgrows_one_concept()
    {
        var long_ = Sources.Node().Where(file => file.Lines.Length > LongestFile).Select(file => $"node/{file.Path}: {file.Lines.Length} lines");
        Assert.Empty(long_);
    }

    [Fact]
    public void Program_is_the_only_source_at_the_root_and_has_no_logic()
    {
        var root = Sources.Node().Where(file => Sources.Room(file.Path).Length == 0).ToList();
        Assert.Equal("Program.cs", Assert.Single(root).Path);
        Assert.True(root[0].Lines.Length < LongestProgram);
    }

    [Fact]
    public void No_room_gathers_what_belongs_nowhere()
    {
        var folders = Sources.Node().SelectMany(file => file.Path.Split('/')[..^1]).Distinct(StringComparer.Ordinal);
        Assert.Empty(folders.Intersect(NotRooms, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void Types_of_the_node_are_internal_and_sealed_by_default()
    {
        var types = typeof(Node.Retrieval.IModuleStore).Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith("Athens.Federation.Node", StringComparison.Ordinal) == true && !type.IsNested)
            .ToList();
        Assert.Empty(types.Where(type => type.IsPublic).Select(type => type.FullName));
        var open = types.Where(type => type is { IsClass: true, IsAbstract: false, IsSealed: false }).Select(type => type.FullName);
        Assert.Empty(open);
    }

    [Fact]
    public void Log_methods_are_generated()
    {
        var direct = new List<string>();
        foreach (var (path, lines) in Sources.Node())
        {
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].Contains(".LogInformation(", StringComparison.Ordinal) || lines[i].Contains(".LogWarning(", StringComparison.Ordinal) ||
                    lines[i].Contains(".LogError(", StringComparison.Ordinal) || lines[i].Contains(".LogDebug(", StringComparison.Ordinal))
                {
                    direct.Add($"node/{path}:{i + 1}");
                }
            }
        }

        Assert.Empty(direct);
    }
}
