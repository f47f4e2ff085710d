using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Athens.Federation.Node.Protocol;

/// <summary>Brings the Go front into a host.</summary>
internal static class ProtocolRegistration
{
    /// <summary>
    /// Needs an <c>IModuleRetrieval</c> and an <c>IModuleStore</c>; takes every <c>IChecksumDatabase</c>, every <see cref="IReadinessCheck"/> and a
    /// <see cref="ProtocolOptions"/> if there is one.
    /// </summary>
    public static IServiceCollection AddProtocol(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProtocolOptions>();
        services.AddSingleton<HotAnswers>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<ModuleAnswers>();
        services.AddSingleton<HeldAnswers>();
        services.AddSingleton<ChecksumAnswers>();
        services.AddSingleton<NodeAnswers>();
        services.AddSingleton<FrontRoutes>();
        services.AddSingleton<GoFront>();

        // With this category on, ASP.NET Core makes an activity, a scope and two lines for every request, even when
        // nobody listens. Activities for listeners do not depend on it, and the front writes its own line.
        return services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None));
    }

    /// <summary>Ends the pipeline with the front: it answers every path.</summary>
    public static IApplicationBuilder UseProtocol(this IApplicationBuilder app)
    {
        app.Run(app.ApplicationServices.GetRequiredService<GoFront>().HandleAsync);
        return app;
    }
}
