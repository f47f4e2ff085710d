using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Binding;

/// <summary>The instance that serves one call: the container's, or one made for the call and disposed after it.</summary>
internal readonly struct ServiceLease<TService> : IAsyncDisposable
    where TService : class
{
    private static readonly Lazy<ObjectFactory<TService>> Factory = new(() => ActivatorUtilities.CreateFactory<TService>([]));

    private readonly bool own;

    public ServiceLease(IServiceProvider services)
    {
        var registered = services.GetService<TService>();
        own = registered is null;
        Instance = registered ?? Factory.Value(services, null);
    }

    public TService Instance { get; }

    public ValueTask DisposeAsync()
    {
        if (own && Instance is IAsyncDisposable later)
        {
            return later.DisposeAsync();
        }

        if (own && Instance is IDisposable now)
        {
            now.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
