using System.Text.RegularExpressions;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Simulation;

/// <summary>A small pool by <c>tools/simulate</c>: the node's own code over a simulated network and clock.</summary>
public sealed partial class SimulationTests
{
    private static readonly string[] Small = ["--nodes", "12", "--orgs", "4", "--versions", "300", "--minutes", "5", "--partition", "2", "--requests", "200", "--churn", "100"];

    /// <summary>As these tests were built.</summary>
    private static readonly string Configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!);

    private static readonly string Built = Path.Combine(SourceTree.Root, "tools", "lib", "simulator", "bin", Configuration, "net10.0", "Athens.Federation.Simulator.dll");

    [Fact]
    public async Task A_pool_with_churn_a_partition_and_a_hostile_organization_serves_much_of_what_it_is_asked_and_believes_no_wrong_byte()
    {
        var (exitCode, output) = await SimulateAsync([.. Small, "--mesh", "3", "--seed", "7"]);
        Assert.True(exitCode == 0, output);
        Assert.Matches("connections that a node keeps +[89]\\.", output);
        Assert.Matches("records; [0-2] not known by as many in the end", output);
        Assert.Matches("hostile nodes +3 \\(1 Liar, 1 Corrupter, 1 Silent\\)", output);
        Assert.Matches("wrong bytes accepted +0", output);
        Assert.EndsWith("seed 7: nothing unverified was accepted", output.TrimEnd(), StringComparison.Ordinal);
        Assert.InRange(double.Parse(Served().Match(output).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), 10, 100);
        Assert.DoesNotContain("FAILED", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_seed_is_the_same_run_to_the_last_byte_and_another_is_another()
    {
        string[] few = ["--nodes", "6", "--orgs", "2", "--mesh", "2", "--versions", "100", "--minutes", "3", "--partition", "1", "--requests", "100", "--churn", "100"];
        var (exitCode, output) = await SimulateAsync([.. few, "--seed", "3"]);
        Assert.True(exitCode == 0, output);
        Assert.Equal(output, (await SimulateAsync([.. few, "--seed", "3"])).Output);
        Assert.NotEqual(output, (await SimulateAsync([.. few, "--seed", "4"])).Output);
    }

    /// <summary>The look at what nodes hold can fail: with a quorum of one organization the liar's word is enough for what nobody can prove.</summary>
    [Fact]
    public async Task A_pool_that_believes_one_organization_is_caught_believing_its_liar()
    {
        var (exitCode, output) = await SimulateAsync([.. Small, "--quorum", "1", "--seed", "7"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("FAILED: ", output, StringComparison.Ordinal);
        Assert.Matches("seed 7: [1-9][0-9]* failures", output);
    }

    [Fact]
    public async Task What_cannot_be_simulated_is_said()
    {
        foreach (var (name, value, reason) in new[] { ("--knots", "5", "there is no --knots"), ("--seed", "x", "--seed wants a number") })
        {
            var (exitCode, output) = await SimulateAsync([name, value]);
            Assert.True(exitCode == 2 && output.Contains(reason, StringComparison.Ordinal), output);
        }

        var (code, terminal) = await RunAsync("bash", [Path.Combine(SourceTree.Root, "tools", "simulate"), "--nodes", "1001"]);
        Assert.True(code == 2 && terminal.Contains("--nodes is from 2 to 1000", StringComparison.Ordinal), terminal);
    }

    private static Task<(int ExitCode, string Output)> SimulateAsync(string[] arguments) => RunAsync("dotnet", [Built, .. arguments]);

    private static async Task<(int ExitCode, string Output)> RunAsync(string command, string[] arguments)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var environment = new Dictionary<string, string>(GoClient.BareEnvironment, StringComparer.Ordinal) { ["DOTNET_PROCESSOR_COUNT"] = "1", ["CONFIGURATION"] = Configuration };
        var run = await ChildProcess.RunAsync(command, arguments, SourceTree.Root, environment, limit.Token);
        return (run.ExitCode, run.ExitCode == 2 ? run.Terminal : run.Output);
    }

    [GeneratedRegex("misses served from the pool +([0-9.]+) %")]
    private static partial Regex Served();
}
