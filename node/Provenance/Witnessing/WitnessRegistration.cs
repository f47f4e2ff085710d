using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Provenance.Witnessing;

/// <summary>Adds witnessing to the node.</summary>
internal static class WitnessRegistration
{
    /// <summary>A <see cref="Witness"/>. Needs an <see cref="IWitnessStore"/>, incidents and <see cref="NodeKeys"/>. Only for a node whose store outlives the process: a witness that forgets cosigns two histories.</summary>
    public static IServiceCollection AddWitness(this IServiceCollection services) => services.AddSingleton(provider => new Witness(
        provider.GetRequiredService<IWitnessStore>(),
        provider.GetRequiredService<NodeKeys>().Witness,
        provider.GetRequiredService<IIncidents>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<Witness>>()));
}
