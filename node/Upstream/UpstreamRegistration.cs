using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Upstream;

internal static class UpstreamRegistration
{
    /// <summary>
    /// Registers the upstream as an <see cref="IModuleSource"/>, and <see cref="GoCommand"/>, whose CheckAsync tells the
    /// readiness page what is missing. Its kept state lives in <c>&lt;data&gt;/vcs</c>, made and swept on first use.
    /// </summary>
    public static IServiceCollection AddUpstream(this IServiceCollection services, UpstreamOptions options, string dataFolder)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ =>
        {
            UpstreamLayout layout = new(dataFolder);
            layout.Prepare();
            return layout;
        });
        services.AddSingleton(provider => new GoCommand(
            options, provider.GetRequiredService<UpstreamLayout>(), Clock(provider), Logger<GoCommand>(provider))
        {
            Received = provider.GetService<ReceivedModules>(),
        });
        services.AddSingleton(provider =>
        {
            VcsCache cache = new(
                provider.GetRequiredService<UpstreamLayout>(), options.CacheSize, Clock(provider), Logger<VcsCache>(provider));
            cache.Open();
            return cache;
        });
        services.AddSingleton(provider => new GoChildren(
            provider.GetRequiredService<UpstreamLayout>(),
            provider.GetRequiredService<GoCommand>(),
            provider.GetRequiredService<VcsCache>(),
            new WorkerPool(options.Workers, options.Timeout, Clock(provider)),
            Clock(provider),
            Logger<GoChildren>(provider)));
        services.AddSingleton<IModuleSource>(provider => new GoUpstream(
            provider.GetRequiredService<GoChildren>(),
            provider.GetRequiredService<GoCommand>(),
            provider.GetRequiredService<VcsCache>()));
        return services;
    }

    private static TimeProvider Clock(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ILogger<T> Logger<T>(IServiceProvider provider) => provider.GetRequiredService<ILogger<T>>();
}
