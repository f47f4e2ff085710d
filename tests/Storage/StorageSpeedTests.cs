using System.Globalization;
using Athens.Federation.Node.Retrieval;
using Xunit.Abstractions;

namespace Athens.Federation.Tests.Storage;

/// <summary>Figures for the report, and a floor far below them that only a lost group commit or a lock would break.</summary>
public sealed class StorageSpeedTests(ITestOutputHelper output) : IDisposable
{
    private const int Count = 400;
    private readonly TemporaryFolder data = new();

    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData(1, 100)]
    [InlineData(64, 1)]
    public async Task Admissions_and_reads_are_quick(int atOnce, int versionsOfOnePath)
    {
        var samples = Enumerable.Range(0, Count)
            .Select(n => SampleModule.Make($"example.com/m{n / versionsOfOnePath}", $"v1.{n}.0")).ToList();
        await using var store = await DiskStore.OpenAsync(data.Path);
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(
            samples,
            new ParallelOptions { MaxDegreeOfParallelism = atOnce },
            async (sample, _) => await sample.AdmitAsync(store));
        var admitting = TimeProvider.System.GetElapsedTime(began);

        const int reads = 20_000;
        began = TimeProvider.System.GetTimestamp();
        for (var n = 0; n < reads; n++)
        {
            (await store.OpenAsync(samples[n % Count].Module, ModuleFileKind.Info, CancellationToken.None))!.Dispose();
        }

        var reading = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{atOnce} at once: {Count / admitting.TotalSeconds:F0} admissions/s; .info: {reads / reading.TotalSeconds:F0} checked reads/s"));
        Assert.True(admitting < TimeSpan.FromSeconds(60));
    }
}
