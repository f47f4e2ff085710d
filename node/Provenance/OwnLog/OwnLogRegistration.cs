using Athens.Federation.Node.Provenance.LogKeys;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>Adds the node's own log to the node.</summary>
internal static class OwnLogRegistration
{
    /// <summary>
    /// A <see cref="NodeLog"/>, opened when it is first needed. Needs an <see cref="ILogStore"/> and <see cref="NodeKeys"/>.
    /// </summary>
    /// <param name="services">The node's.</param>
    /// <param name="markFolder">The data folder in which signed heads are marked; null for a log that ends with the process.</param>
    public static IServiceCollection AddOwnLog(this IServiceCollection services, string? markFolder)
    {
        services.AddSingleton(provider =>
        {
            var keys = provider.GetRequiredService<NodeKeys>();
            return new LogSigner(keys.Log, keys.Former, keys.Rotation, provider.GetRequiredService<TimeProvider>());
        });
        return services.AddSingleton(provider => Task.Run(() => OpenAsync(provider, markFolder)).GetAwaiter().GetResult());
    }

    private static async Task<NodeLog> OpenAsync(IServiceProvider provider, string? markFolder)
    {
        var signer = provider.GetRequiredService<LogSigner>();
        var store = provider.GetRequiredService<ILogStore>();
        var mark = markFolder is null ? null : HeadMark.Open(markFolder, signer.Key.Name, signer.Rotation?.From.Name);
        return await NodeLog.OpenAsync(store, signer, mark, provider.GetRequiredService<ILogger<NodeLog>>(), CancellationToken.None);
    }
}
