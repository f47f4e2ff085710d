using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Provenance.Mirrors;

/// <summary>Adds mirrors of other nodes' logs to the node.</summary>
internal static class MirrorsRegistration
{
    /// <summary>
    /// A <see cref="MirrorSet"/>, opened when it is first needed, and the <see cref="IRecordIndex"/> over it. Needs an <see cref="IMirrorStore"/>; takes an
    /// <see cref="IIncidents"/> when there is one.
    /// </summary>
    public static IServiceCollection AddMirrors(this IServiceCollection services)
    {
        services.AddSingleton(static provider => Task.Run(() => MirrorSet.OpenAsync(
            provider.GetRequiredService<IMirrorStore>(),
            provider.GetService<IIncidents>(),
            provider.GetRequiredService<ILogger<MirrorSet>>(),
            CancellationToken.None)).GetAwaiter().GetResult());
        return services.AddSingleton<IRecordIndex>(static provider => new RecordIndex(
            provider.GetRequiredService<IMirrorStore>(), provider.GetRequiredService<MirrorSet>(), provider.GetService<IIncidents>()));
    }
}
