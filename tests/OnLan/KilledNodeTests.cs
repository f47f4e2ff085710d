using Xunit.Abstractions;

namespace Athens.Federation.Tests.OnLan;

/// <summary>Apart from the others, as it takes two minutes: the time that a port and an address are good for.</summary>
public sealed class KilledNodeTests(ITestOutputHelper output)
{
    [FactInOffice]
    public async Task A_killed_node_is_gone_within_the_life_of_its_records_and_one_that_lives_is_not()
    {
        using Office office = new();
        await using var watcher = await OfficeNode.StartAsync(office.AddDesk());
        await using var lives = await OfficeNode.StartAsync(office.AddDesk());
        await using var dies = await OfficeNode.StartAsync(office.AddDesk());
        await watcher.UntilSeesAsync(lives, dies);
        await dies.Process.KillAsync();

        var took = await watcher.UntilAsync(seen => !seen.ContainsKey(dies.Instance), minutes: 3);
        output.WriteLine($"a killed node was gone after {took.TotalSeconds:0} s");
        Assert.Contains(lives.Instance, watcher.Neighbours.Keys);
    }
}
