using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Athens.Federation.Node.Retrieval;

/// <summary>Puts this room into the container.</summary>
internal static class RetrievalRegistration
{
    /// <summary>
    /// Adds <see cref="IModuleRetrieval"/>. Needs an <see cref="IModuleStore"/>; every <see cref="IModuleSource"/> in the
    /// container is asked in the order in which it was added, after the <see cref="IPeerSource"/> if there is one.
    /// </summary>
    public static IServiceCollection AddRetrieval(this IServiceCollection services, RetrievalOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<ModuleSources>();
        services.AddSingleton<FlightBoard>();
        services.AddSingleton<IModuleRetrieval, ModuleRetrieval>();
        return services;
    }
}
