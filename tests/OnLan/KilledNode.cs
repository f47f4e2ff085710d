using System.Diagnostics.CodeAnalysis;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan;

/// <summary>
/// Three nodes on a LAN, one of which is killed. That the others forget it takes two minutes, the time that a port and an address are good for: it begins with the
/// first test of the class and is looked at in the last.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes of it by its own DisposeAsync.")]
public sealed class KilledNode : IAsyncLifetime
{
    private Task<(TimeSpan Took, bool IsOtherThere)>? forgetting;
    private volatile bool isOver;

    /// <summary>Completes when the killed node is forgotten: how long after its death, and whether the one that lives is still seen.</summary>
    internal Task<(TimeSpan Took, bool IsOtherThere)> Forgotten => forgetting!;

    public Task InitializeAsync()
    {
        forgetting = Office.Missing is null ? Task.Run(ForgetAsync) : null;
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        isOver = true;
        if (forgetting is not null)
        {
            // Its failure, if any, is that of the test.
            await ((Task)forgetting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<(TimeSpan Took, bool IsOtherThere)> ForgetAsync()
    {
        using Office office = new();
        await using var watcher = await OfficeNode.StartAsync(office.AddDesk());
        await using var lives = await OfficeNode.StartAsync(office.AddDesk());
        await using var dies = await OfficeNode.StartAsync(office.AddDesk());
        await watcher.UntilSeesAsync(lives, dies);
        var name = dies.Instance;
        await dies.Process.KillAsync();
        var took = await watcher.UntilAsync(seen => isOver || !seen.ContainsKey(name), minutes: 4);
        return (took, watcher.Neighbours.ContainsKey(lives.Instance));
    }
}
