using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Logs;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Federation.Pools;
using Athens.Federation.Node.Federation.Witnessing;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Retrieval.Records;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>What the peer listener needs of the rest of the node. It disposes of none of it.</summary>
internal sealed record PeerServingParts
{
    public required FederationOptions Options { get; init; }

    /// <summary>What the node calls itself.</summary>
    public required string NodeName { get; init; }

    public required NodeKeys Keys { get; init; }

    public required NodeCertificate Certificate { get; init; }

    public required PeerList Peers { get; init; }

    public required IModuleStore Store { get; init; }

    public required ModuleRecords Records { get; init; }

    public required FlightBoard Flights { get; init; }

    /// <summary>Told what peers will go upstream for.</summary>
    public required RivalBoard Rivals { get; init; }

    /// <summary>What is answered about logs; null: nothing.</summary>
    public ServedLogs? Logs { get; init; }

    /// <summary>Whose evidence is told; null: none.</summary>
    public IncidentBook? Incidents { get; init; }

    /// <summary>Cosigns for the logs of peers; null: nothing is cosigned.</summary>
    public WitnessDesk? Witness { get; init; }

    /// <summary>Whom private modules are told of; null: as <see cref="Options"/> say.</summary>
    public PrivateGate? Gate { get; init; }

    /// <summary>Who may ask to join; null: nobody.</summary>
    public Guests? Guests { get; init; }

    /// <summary>What is answered about the pool; null: nothing.</summary>
    public PoolServingParts? Pool { get; init; }

    /// <summary>Told where it listens; null: nobody asks.</summary>
    public OwnEndpoints? Endpoints { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
