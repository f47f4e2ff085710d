using System.Collections.Concurrent;
using System.Diagnostics;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;
using Athens.Federation.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Retrieval;

public sealed class TraceTests
{
    [Fact]
    public async Task The_flight_is_a_child_of_the_first_caller_and_later_callers_link_to_it()
    {
        const string Path = "example.com/traced";
        ConcurrentQueue<Activity> ended = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == Tracing.SourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem("athens.module"), Path))
                {
                    ended.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make(Path));
        rig.Source.Hang = new();
        Task<Outcome<StoredFile>> first = rig.FileAsync(module);
        Task<Outcome<StoredFile>> second = rig.FileAsync(module);
        rig.Source.Hang.SetResult();
        await Task.WhenAll(first, second);

        Activity flight = Assert.Single(ended, activity => activity.OperationName == "retrieval.fetch");
        Activity[] callers = [.. ended.Where(activity => activity.OperationName == "retrieval")];
        Assert.Equal(2, callers.Length);
        Activity parent = Assert.Single(callers, caller => caller.SpanId == flight.ParentSpanId);
        Activity other = Assert.Single(callers, caller => caller != parent);
        Assert.Empty(parent.Links);
        Assert.Equal(flight.Context.SpanId, Assert.Single(other.Links).Context.SpanId);
        Assert.All(ended, activity => Assert.Equal(
            ("v1.0.0", "Found", "upstream"),
            (activity.GetTagItem("athens.version"), activity.GetTagItem("athens.outcome"), activity.GetTagItem("athens.source"))));
    }

    [Fact]
    public async Task The_room_is_put_together_from_the_container()
    {
        using TwinStore store = new();
        TwinSource source = new();
        GenuineModule module = source.Publish(GenuineModule.Make());
        ServiceCollection services = new();
        services.AddLogging().AddSingleton<IModuleStore>(store).AddSingleton<IModuleSource>(source).AddSingleton(Desk.Without(NullLogger.Instance));
        services.AddSingleton(new Node.Provenance.ReceivedModules([], null));
        services.AddRetrieval(new RetrievalOptions());
        await using ServiceProvider provider = services.BuildServiceProvider();

        Outcome<StoredFile> outcome = await provider.GetRequiredService<IModuleRetrieval>()
            .FileAsync(module.Module, ModuleFileKind.Zip, CancellationToken.None);

        Assert.True(outcome.IsFound);
    }
}
