using Athens.Federation.Tests.Support;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.OnLan;

/// <summary>Real nodes find one another on a LAN.</summary>
[TestCaseOrderer(LastOrderer.Name, LastOrderer.Assembly)]
public sealed class OfficeTests(KilledNode killed, ITestOutputHelper output) : IClassFixture<KilledNode>
{
    [FactInOffice]
    public async Task Five_nodes_that_are_started_at_once_see_one_another_and_notice_who_leaves()
    {
        using Office office = new();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => office.AddDesk()).ToList().Select(desk => OfficeNode.StartAsync(desk)));
        try
        {
            foreach (var node in nodes)
            {
                await node.UntilSeesAsync([.. nodes.Where(other => other != node)]);
                Assert.Equal(4, node.Neighbours.Count);
            }

            output.WriteLine($"five nodes started at once: each saw all others {string.Join(", ", nodes.Select(node => $"{node.SawAfter(4).TotalSeconds:0.00} s"))} after it began to look");

            await using var late = await OfficeNode.StartAsync(office.AddDesk());
            await late.UntilSeesAsync(nodes);
            output.WriteLine($"a sixth saw the five {late.SawAfter(5).TotalSeconds:0.00} s after it began to look");
            foreach (var node in nodes)
            {
                await node.UntilSeesAsync(late);
            }

            var leaver = nodes[0].Instance;
            Assert.Equal(0, await nodes[0].Process.StopAsync());
            var gone = await Task.WhenAll(nodes.Skip(1).Select(node => node.UntilAsync(seen => !seen.ContainsKey(leaver))));
            output.WriteLine($"a goodbye was noticed {string.Join(", ", gone.Select(time => $"{time.TotalSeconds:0.00} s"))} after the process had ended");
            Assert.All(nodes.Skip(1), node => Assert.Equal(4, node.Neighbours.Count));
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    [FactInOffice]
    public async Task Of_two_machines_with_the_same_keys_the_second_takes_another_name()
    {
        using Office office = new();
        await using var watcher = await OfficeNode.StartAsync(office.AddDesk());
        await using var original = await OfficeNode.StartAsync(office.AddDesk());
        await watcher.UntilSeesAsync(original);
        await using var copy = await OfficeNode.CreateAsync(office.AddDesk());
        copy.TakeKeysOf(original);
        await copy.StartAsync();

        var line = await copy.Process.WaitForLineAsync("Another machine on the LAN has the name");
        Assert.Contains($"{original.Instance}: this node is {original.Instance}-2", line, StringComparison.Ordinal);
        await watcher.UntilAsync(seen => seen.ContainsKey(original.Instance) && seen.ContainsKey(original.Instance + "-2"));
        var seen = watcher.Neighbours;
        Assert.Contains(Office.Address(original.Desk), seen[original.Instance], StringComparison.Ordinal);
        Assert.DoesNotContain(Office.Address(copy.Desk), seen[original.Instance], StringComparison.Ordinal);
        Assert.Contains(Office.Address(copy.Desk), seen[original.Instance + "-2"], StringComparison.Ordinal);
        Assert.DoesNotContain("Another machine", original.Process.Output, StringComparison.Ordinal);
    }

    [FactInOffice]
    public async Task An_interface_that_goes_down_and_comes_up_brings_the_node_back()
    {
        using Office office = new();
        await using var stays = await OfficeNode.StartAsync(office.AddDesk());
        await using var away = await OfficeNode.StartAsync(office.AddDesk());
        await stays.UntilSeesAsync(away);

        Office.Ip("-n", away.Desk, "link", "set", "eth0", "down");
        await using var meanwhile = await OfficeNode.StartAsync(office.AddDesk());
        await meanwhile.UntilSeesAsync(stays);
        Assert.DoesNotContain(away.Instance, meanwhile.Neighbours.Keys);

        Office.Ip("-n", away.Desk, "link", "set", "eth0", "up");
        var found = await meanwhile.UntilSeesAsync(away);
        var finds = await away.UntilSeesAsync(meanwhile, stays);
        output.WriteLine($"after the interface was up again the others saw the node in {found.TotalSeconds:0.00} s; a node that had come meanwhile was seen {finds.TotalSeconds:0.00} s later");
    }

    [FactInOffice]
    public async Task A_node_that_changes_its_address_is_the_same_neighbour_elsewhere()
    {
        using Office office = new();
        await using var stays = await OfficeNode.StartAsync(office.AddDesk());
        await using var moves = await OfficeNode.StartAsync(office.AddDesk());
        await stays.UntilSeesAsync(moves);

        Office.Ip("-n", moves.Desk, "addr", "add", "10.77.0.200/24", "dev", "eth0");
        Office.Ip("-n", moves.Desk, "addr", "del", Office.Address(moves.Desk) + "/24", "dev", "eth0");
        Office.Ip("-n", moves.Desk, "addr", "replace", "10.77.0.200/24", "dev", "eth0");
        var took = await stays.UntilAsync(seen => seen.TryGetValue(moves.Instance, out var at)
            && at.Contains("10.77.0.200:3443", StringComparison.Ordinal) && !at.Contains(Office.Address(moves.Desk) + ":", StringComparison.Ordinal));
        output.WriteLine($"the new address alone was known {took.TotalSeconds:0.00} s after the change");
    }

    [FactInOffice]
    public async Task A_node_that_serves_no_peers_sees_and_is_not_seen_and_one_that_is_told_not_to_look_does_neither()
    {
        using Office office = new();
        await using var serves = await OfficeNode.StartAsync(office.AddDesk());
        await using var looks = await OfficeNode.StartAsync(office.AddDesk(), "--name", "looks");
        await looks.UntilSeesAsync(serves);
        Assert.Contains("not told of this one", looks.Process.Output, StringComparison.Ordinal);
        Assert.Empty(serves.Neighbours);
    }

    [FactInOffice]
    public async Task A_machine_without_any_network_is_told_so_once_and_serves()
    {
        using Office office = new();
        var desk = office.AddDesk();
        Office.Ip("-n", desk, "link", "del", "eth0");
        await using var node = await OfficeNode.StartAsync(desk);
        await node.Process.WaitForLineAsync("listens on");
        Assert.DoesNotContain("error", node.Process.Output, StringComparison.Ordinal);
    }

    [FactInOffice]
    [Last]
    public async Task A_killed_node_is_gone_within_the_life_of_its_records_and_one_that_lives_is_not()
    {
        var (took, isOtherThere) = await killed.Forgotten;
        output.WriteLine($"a killed node was gone after {took.TotalSeconds:0} s");
        Assert.True(isOtherThere, "the node that lives is gone as well");
    }
}
