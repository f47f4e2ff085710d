using System.Globalization;

namespace Athens.Federation.Simulator.Scenario;

/// <summary>What is simulated. Every number may be set as <c>--name value</c>.</summary>
internal sealed record SimulationOptions
{
    /// <summary>Nodes, spread evenly over the organizations (2 to 1000).</summary>
    public int Nodes { get; init; } = 100;

    /// <summary>Organizations (2 to 100).</summary>
    public int Orgs { get; init; } = 20;

    /// <summary>Module versions that there are.</summary>
    public int Versions { get; init; } = 200_000;

    /// <summary>Requests of developers at one node in an hour.</summary>
    public int Requests { get; init; } = 60;

    /// <summary>The skew of what they ask for (Zipf's exponent), in hundredths.</summary>
    public int Skew { get; init; } = 100;

    /// <summary>Minutes that are measured, after ten that are not.</summary>
    public int Minutes { get; init; } = 60;

    /// <summary>Nodes in a hundred that are killed within an hour and come back.</summary>
    public int Churn { get; init; } = 10;

    /// <summary>Organizations whose nodes are hostile.</summary>
    public int Hostile { get; init; } = 1;

    /// <summary>Organizations that must have observed the same.</summary>
    public int Quorum { get; init; } = 2;

    /// <summary>Minutes in the middle for which the network is in two parts.</summary>
    public int Partition { get; init; } = 5;

    /// <summary>Other nodes up to which all are connected: <c>[pool] mesh</c>.</summary>
    public int Mesh { get; init; } = 64;

    /// <summary>The same seed gives the same run.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Reads arguments; null and what is wrong.</summary>
    public static SimulationOptions? Read(IReadOnlyList<string> arguments, out string? reason)
    {
        SimulationOptions options = new();
        for (int i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value))
            {
                reason = $"{arguments[i]} wants a number";
                return null;
            }

            if (options.With(arguments[i], value) is not { } next)
            {
                reason = $"there is no {arguments[i]}; there are --nodes, --orgs, --versions, --requests, --skew, --minutes, --churn, --hostile, --quorum, --partition, --mesh, --seed";
                return null;
            }

            options = next;
        }

        reason = options.WhyNot();
        return reason is null ? options : null;
    }

    private SimulationOptions? With(string name, int value) => name switch
    {
        "--nodes" => this with { Nodes = value },
        "--orgs" => this with { Orgs = value },
        "--versions" => this with { Versions = value },
        "--requests" => this with { Requests = value },
        "--skew" => this with { Skew = value },
        "--minutes" => this with { Minutes = value },
        "--churn" => this with { Churn = value },
        "--hostile" => this with { Hostile = value },
        "--quorum" => this with { Quorum = value },
        "--partition" => this with { Partition = value },
        "--mesh" => this with { Mesh = value },
        "--seed" => this with { Seed = value },
        _ => null,
    };

    private string? WhyNot() =>
        Nodes is < 2 or > 1000 ? "--nodes is from 2 to 1000: a node has at most 1000 peers"
        : Orgs is < 2 or > 100 || Orgs > Nodes ? "--orgs is from 2 to 100, and not above --nodes"
        : Versions is < 100 or > 10_000_000 ? "--versions is from 100 to 10000000"
        : Requests < 1 || Minutes < 1 ? "--requests and --minutes are at least 1"
        : Hostile >= Orgs ? "--hostile is below --orgs"
        : Quorum < 1 || Quorum > Orgs ? "--quorum is from 1 to --orgs"
        : Mesh is < 1 or > 1000 ? "--mesh is from 1 to 1000"
        : Partition >= Minutes ? "--partition is below --minutes"
        : null;
}
