using System.Collections.Concurrent;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Storage;

/// <summary>
/// An admission stops dead, or fails, at each boundary between its steps. A crash is the data folder copied as it lies
/// at that instant and opened anew: what a killed process leaves.
/// </summary>
public sealed class DiskCrashTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Steps => [.. Enum.GetNames<DiskStep>()];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_crash_at_any_step_leaves_all_or_nothing(string name)
    {
        var step = Enum.Parse<DiskStep>(name);
        var before = SampleModule.Make(version: "v1.0.0");
        var sample = SampleModule.Make("example.com/sample/deep/er", "v1.1.0");
        var stopped = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var store = await DiskStore.OpenAsync(folder["data"], async (reached, module) =>
        {
            if (reached == step && module == sample.Module)
            {
                stopped.SetResult();
                await goOn.Task;
            }
        });
        await before.AdmitAsync(store);
        var admission = sample.AdmitAsync(store);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30));
        TemporaryFolder.Copy(folder["data"], folder["crashed"]);
        goOn.SetResult();
        await admission;
        await store.DisposeAsync();

        await using var reopened = await DiskStore.OpenAsync(folder["crashed"]);
        await before.AssertHeldAsync(reopened);
        Assert.Empty(Directory.GetFileSystemEntries(folder["crashed/tmp"]));
        if (step >= DiskStep.Committed)
        {
            await sample.AssertHeldAsync(reopened);
            Assert.Equal("v1.1.0\n", await File.ReadAllTextAsync(folder["crashed/download/example.com/sample/deep/er/@v/list"]));
        }
        else
        {
            await sample.AssertAbsentAsync(reopened);
            Assert.False(Directory.Exists(folder["crashed/download/example.com/sample/deep"]));
            Assert.True(Directory.Exists(folder["crashed/download/example.com/sample/@v"]));
        }

        await sample.AdmitAsync(reopened);
        await sample.AssertHeldAsync(reopened);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_failure_at_any_step_leaves_all_or_nothing(string name)
    {
        var step = Enum.Parse<DiskStep>(name);
        var sample = SampleModule.Make();
        var failing = true;
        await using (var store = await DiskStore.OpenAsync(folder["data"], (reached, _) =>
            failing && reached == step ? throw new IOException("injected") : ValueTask.CompletedTask))
        {
            if (step >= DiskStep.Committed)
            {
                await sample.AdmitAsync(store);
                await sample.AssertHeldAsync(store);
            }
            else
            {
                var error = await Assert.ThrowsAsync<Node.Retrieval.StoreFailedException>(() => sample.AdmitAsync(store));
                Assert.Contains("injected", error.Message, StringComparison.Ordinal);
                await sample.AssertAbsentAsync(store);
                Assert.Empty(Directory.GetFiles(folder["data/download"], "*", SearchOption.AllDirectories));
                failing = false;
                await sample.AdmitAsync(store);
                await sample.AssertHeldAsync(store);
            }

            Assert.Empty(Directory.GetFileSystemEntries(folder["data/tmp"]));
        }

        await using var reopened = await DiskStore.OpenAsync(folder["data"]);
        await sample.AssertHeldAsync(reopened);
        Assert.Equal("v1.0.0\n", await File.ReadAllTextAsync(folder["data/download/example.com/sample/@v/list"]));
    }

    [Fact]
    public async Task Cut_off_in_a_storm_everything_acknowledged_is_there()
    {
        var samples = Enumerable.Range(0, 40).Select(n => SampleModule.Make($"example.com/m{n % 5}", $"v1.{n}.0")).ToList();
        var acknowledged = new List<SampleModule>();
        var goOn = new TaskCompletionSource();
        var settled = new ConcurrentDictionary<ModuleVersion, bool>();
        using var unsettled = new CountdownEvent(samples.Count);
        void Settle(ModuleVersion module)
        {
            if (settled.TryAdd(module, true))
            {
                unsettled.Signal();
            }
        }

        var counted = 0;
        var store = await DiskStore.OpenAsync(folder["data"], async (_, module) =>
        {
            // The steps of 40 admissions are some 360; from the 150th on each one hangs where it is.
            if (Interlocked.Increment(ref counted) >= 150)
            {
                Settle(module);
                await goOn.Task;
            }
        });
        var admissions = samples.Select(sample => Task.Run(async () =>
        {
            await sample.AdmitAsync(store);
            lock (acknowledged)
            {
                acknowledged.Add(sample);
            }

            Settle(sample.Module);
        })).ToList();
        Assert.True(unsettled.Wait(TimeSpan.FromSeconds(60)));
        List<SampleModule> promised;
        lock (acknowledged)
        {
            promised = [.. acknowledged];
        }

        TemporaryFolder.Copy(folder["data"], folder["crashed"]);
        goOn.SetResult();
        await Task.WhenAll(admissions);
        await store.DisposeAsync();

        await using var reopened = await DiskStore.OpenAsync(folder["crashed"]);
        foreach (var sample in promised)
        {
            await sample.AssertHeldAsync(reopened);
        }

        var held = (await reopened.CatalogAsync("", 100, CancellationToken.None)).Modules;
        var zips = Directory.GetFiles(folder["crashed/download"], "*.zip", SearchOption.AllDirectories);
        Assert.Equal(held.Count, zips.Length);
    }
}
