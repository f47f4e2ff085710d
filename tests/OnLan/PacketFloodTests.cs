using System.Globalization;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.OnLan;

/// <summary>Somebody on the LAN who sends all that he can.</summary>
public sealed class PacketFloodTests(ITestOutputHelper output)
{
    private const int Seconds = 20;

    [FactWithZeroconf]
    public async Task A_flood_costs_a_bounded_part_of_memory_and_processor_and_others_are_still_found()
    {
        using Office office = new();
        await using var node = await OfficeNode.StartAsync(office.AddDesk());
        var hostile = office.AddDesk();
        for (var last = 100; last < 130; last++)
        {
            Office.Ip("-n", hostile, "addr", "add", $"10.77.0.{last}/24", "dev", "eth0");
        }

        await using var quiet = await OfficeNode.CreateAsync(office.AddDesk());
        var (memoryBefore, processorBefore) = (Memory(node), Processor(node));
        var script = Path.Combine(Support.SourceTree.Root, "tests", "OnLan", "flood.py");
        var flood = Office.RunAsync(Office.At(hostile, ZeroconfRights.Python!, script, Seconds.ToString(CultureInfo.InvariantCulture), "100", "30"));
        await node.UntilAsync(seen => seen.Count > 100);
        await quiet.StartAsync();
        var sent = (await flood).Trim();
        var (memory, processor) = (Memory(node) - memoryBefore, Processor(node) - processorBefore);
        await node.UntilSeesAsync(quiet);
        var kept = node.Neighbours.Count;
        output.WriteLine($"{sent} packets in {Seconds} s: {memory >> 20} MiB more memory, {processor:0.0} s of one processor, {kept} neighbours kept");

        Assert.True(int.Parse(sent, CultureInfo.InvariantCulture) > 50_000, sent);
        Assert.InRange(kept, 100, 256);
        Assert.InRange(memory, long.MinValue, 100L << 20);
        Assert.InRange(processor, 0, Seconds * 0.6);
    }

    private static long Memory(OfficeNode node) => Field(File.ReadAllText($"/proc/{node.Process.Id}/statm"), 1) * Environment.SystemPageSize;

    /// <summary>Seconds in user and kernel mode: fields 14 and 15 of proc_pid_stat(5), the name in brackets apart.</summary>
    private static double Processor(OfficeNode node)
    {
        var stat = File.ReadAllText($"/proc/{node.Process.Id}/stat");
        var rest = stat[(stat.LastIndexOf(')') + 2)..];
        const double ticksPerSecond = 100;
        return (Field(rest, 11) + Field(rest, 12)) / ticksPerSecond;
    }

    private static long Field(string line, int index) => long.Parse(line.Split(' ')[index], CultureInfo.InvariantCulture);
}
