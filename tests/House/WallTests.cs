using System.Text.RegularExpressions;

namespace Athens.Federation.Tests.House;

/// <summary>Who may refer to whom (ARCHITECTURE.md, "Walls"), and which libraries stay in which room.</summary>
public sealed partial class WallTests
{
    private const string Any = "*";

    private static readonly Dictionary<string, string[]> MayReferTo = new(StringComparer.Ordinal)
    {
        ["Modules"] = [],
        ["Transparency"] = [],
        ["Telemetry"] = [],
        ["Provenance"] = ["Modules", "Transparency"],
        ["Retrieval"] = ["Modules", "Provenance"],
        ["Storage"] = ["Modules", "Provenance", "Retrieval"],
        ["Upstream"] = ["Modules", "Provenance", "Retrieval"],
        ["Protocol"] = ["Modules", "Provenance", "Retrieval"],
        ["Discovery"] = [],
        ["Federation"] = ["Modules", "Transparency", "Provenance", "Retrieval", "Discovery"],
        ["Cli"] = ["Modules", "Transparency", "Provenance", "Retrieval", "Storage", "Upstream", "Federation", "Discovery", "Protocol"],
        ["Host"] = [Any],
    };

    /// <summary>A library and the only rooms that may name it.</summary>
    private static readonly (Regex Uses, string What, string[] Rooms)[] Reserved =
    [
        (Sqlite(), "SQLite", ["Storage"]),
        (ChildProcess(), "child processes", ["Upstream"]),
        (Toml(), "TOML", ["Host"]),
        (Exporters(), "OpenTelemetry", ["Telemetry"]),
        (CommandLine(), "System.CommandLine", ["Cli"]),
        (Signatures(), "NSec.Cryptography", ["Transparency"]),
        (Grpc(), "gRPC", ["Federation", "Host"]),
        (Mdns(), "multicast DNS", ["Discovery"]),
    ];

    /// <summary>xUnit 2 never calls it: nodes and folders of such a class would be left behind.</summary>
    [Fact]
    public void No_test_class_is_disposed_of_asynchronously_but_by_xunits_own_interface() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Path.Combine(Support.SourceTree.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories),
        static file => File.ReadLines(file).Any(line => TestClass().IsMatch(line) && line.Contains("IAsyncDisposable", StringComparison.Ordinal)));

    [Fact]
    public void A_room_refers_only_to_the_rooms_it_may()
    {
        var broken = new List<string>();
        foreach (var (path, lines) in Sources.Node())
        {
            var room = Sources.Room(path);
            if (room.Length == 0)
            {
                continue;
            }

            Assert.True(MayReferTo.ContainsKey(room), $"node/{path}: {room} is not a room; add it to the walls on purpose or move the file");
            foreach (var (other, line) in References(lines))
            {
                if (other != room && other != "Telemetry" && !MayReferTo[room].Contains(other) && !MayReferTo[room].Contains(Any))
                {
                    broken.Add($"node/{path}:{line}: {room} refers to {other}");
                }
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    [Fact]
    public void A_library_is_named_only_in_its_room()
    {
        var broken = new List<string>();
        foreach (var (path, lines) in Sources.Node())
        {
            for (var i = 0; i < lines.Length; i++)
            {
                foreach (var (uses, what, rooms) in Reserved)
                {
                    if (!IsComment(lines[i]) && uses.IsMatch(lines[i]) && !rooms.Contains(Sources.Room(path)))
                    {
                        broken.Add($"node/{path}:{i + 1}: {what} belongs to {string.Join(", ", rooms)}");
                    }
                }
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    [Theory]
    [InlineData("using Athens.Federation.Node.Storage;", "Storage")]
    [InlineData("    private readonly Storage.DiskStore store;", "Storage")]
    [InlineData("using Alias = Athens.Federation.Node.Host.NodeOptions;", "Host")]
    [InlineData("    var host = context.Request.Host.Value;", null)]
    [InlineData("namespace Athens.Federation.Node.Upstream;", null)]
    [InlineData("    // see Storage.DiskStore", null)]
    public void The_check_sees_a_reference_and_only_a_reference(string line, string? room)
    {
        Assert.Equal(room, References([line]).Select(found => found.Room).FirstOrDefault());
    }

    private static IEnumerable<(string Room, int Line)> References(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (IsComment(lines[i]) || lines[i].StartsWith("namespace ", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (Match match in RoomName().Matches(lines[i]))
            {
                yield return (match.Groups["room"].Value, i + 1);
            }
        }
    }

    private static bool IsComment(string line) => line.TrimStart().StartsWith("//", StringComparison.Ordinal);

    [GeneratedRegex(@"^public .*class \w+Tests")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"(?<![\w.""])(Athens\.Federation\.)?(Node\.)?(?<room>Modules|Transparency|Telemetry|Provenance|Retrieval|Storage|Upstream|Discovery|Federation|Protocol|Cli|Host)(\.[A-Z]|;)")]
    private static partial Regex RoomName();

    [GeneratedRegex(@"\b(Microsoft\.Data\.Sqlite|SQLitePCL|Sqlite(Connection|Command|Exception))\b")]
    private static partial Regex Sqlite();

    [GeneratedRegex(@"\b(new Process\b|Process\.(Start|GetProcess)|ProcessStartInfo)")]
    private static partial Regex ChildProcess();

    [GeneratedRegex(@"\busing Tomlyn")]
    private static partial Regex Toml();

    [GeneratedRegex(@"\busing OpenTelemetry")]
    private static partial Regex Exporters();

    [GeneratedRegex(@"\busing NSec")]
    private static partial Regex Signatures();

    [GeneratedRegex(@"\b(using (\w+ = )?(Grpc\.|Google\.Protobuf|Athens\.Federation\.V1))")]
    private static partial Regex Grpc();

    [GeneratedRegex(@"\busing (\w+ = )?Makaretu\b")]
    private static partial Regex Mdns();

    [GeneratedRegex(@"\busing System\.CommandLine")]
    private static partial Regex CommandLine();
}
