using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>Where cases are opened: it knows the rules, what this node has on its own disk, whom to ask for proofs, and whom to tell of incidents.</summary>
internal sealed class TrustDesk
{
    private readonly IRecordIndex? index;
    private readonly IIncidents? incidents;
    private readonly PublicProofs? proofs;
    private readonly IncidentReports? reports;
    private readonly ILogger logger;
    private volatile TrustRules rules;

    /// <param name="rules">Decide, until others are put in force.</param>
    /// <param name="index">Other nodes' logs as they are mirrored here; null where none are.</param>
    /// <param name="incidents">Say what is quarantined; null where none are kept.</param>
    /// <param name="proofs">Of the public checksum database; null without one.</param>
    /// <param name="reports">Take incidents; null where none are kept.</param>
    /// <param name="logger">For the operator.</param>
    public TrustDesk(
        TrustRules rules, IRecordIndex? index, IIncidents? incidents, PublicProofs? proofs, IncidentReports? reports, ILogger logger)
    {
        this.rules = rules;
        this.index = index;
        this.incidents = incidents;
        this.proofs = proofs;
        this.reports = reports;
        this.logger = logger;
    }

    /// <summary>An incident was added or cleared: what was refused before may be asked for again.</summary>
#pragma warning disable MA0046 // Passed on as it is.
    public event Action? IncidentsChanged
#pragma warning restore MA0046
    {
        add
        {
            if (incidents is not null)
            {
                incidents.Changed += value;
            }
        }

        remove
        {
            if (incidents is not null)
            {
                incidents.Changed -= value;
            }
        }
    }

    /// <summary>Those in force. A case that is open goes on under them when they change.</summary>
    public TrustRules Rules
    {
        get => rules;
        set => rules = value;
    }

    /// <param name="module">What is to be decided on.</param>
    /// <param name="own">What this node has on record itself; null for nothing.</param>
    public TrustCase Open(ModuleVersion module, HashPair? own) => new(module, own, this);

    /// <summary>Brings what is on this node's own disk into a case: records in mirrored logs, and public proofs of before.</summary>
    /// <exception cref="IOException">The mirrors cannot be read; the message says what to do.</exception>
    public async ValueTask RecallAsync(TrustCase trust, CancellationToken cancellationToken)
    {
        if (index is not null)
        {
            trust.Add((await index.FindAsync(trust.Module, cancellationToken)).Select(Of));
        }

        if (proofs is not null && await proofs.RecallAsync(trust.Module, cancellationToken) is { } proof)
        {
            trust.Add(proof);
        }
    }

    /// <summary>Whether a public proof may be had by asking.</summary>
    public bool MayProve(string path) => proofs?.MayAsk(path) == true;

    /// <summary>Asks for a public proof; ends soon, with or without one, and never throws.</summary>
    public async Task ProveAsync(TrustCase trust)
    {
        if (proofs is not null && await proofs.AskAsync(trust.Module) is { } proof)
        {
            trust.Add(proof);
            Tell(trust, trust.Now);
        }
    }

    /// <inheritdoc cref="IIncidents.WhyQuarantined(ModuleVersion)"/>
    public string? WhyQuarantined(ModuleVersion module) => incidents?.WhyQuarantined(module);

    /// <inheritdoc cref="IIncidents.WhyQuarantined(NoteVerifier)"/>
    public string? WhyQuarantined(NoteVerifier logKey) => incidents?.WhyQuarantined(logKey);

    /// <summary>The operator hears of incidents that were not told before; they are reported when the fetch is over.</summary>
    public void Tell(TrustCase trust, TrustVerdict verdict)
    {
        foreach (TrustIncident incident in trust.TakeNew(verdict))
        {
            string consequence = verdict.IsRefused ? "It is refused" : $"It is served as it is, because {verdict.Why}";
            logger.Disagreement(trust.Module, incident.Known, incident.Other, consequence, Signed(incident.Known), Signed(incident.Other));
            if (!trust.TryKeep(incident))
            {
                _ = reports?.ReportAsync(trust.Module, incident);
            }
        }
    }

    /// <summary>The fetch is over: what it met is reported. Never throws.</summary>
    public async Task CloseAsync(TrustCase trust)
    {
        foreach (TrustIncident incident in trust.Close())
        {
            await (reports?.ReportAsync(trust.Module, incident) ?? Task.CompletedTask);
        }
    }

    private static string Signed(TrustClaim claim) =>
        claim.Record is null or { Note.IsEmpty: true } ? "" : $"{Encoding.UTF8.GetString(claim.Record.Note.Span)} ";

    private static KnownRecord Of(MirroredRecord mirrored) => KnownRecord.Of(mirrored.Log.Key, mirrored.Record) with
    {
        Peer = mirrored.Log.Peer,
        Org = mirrored.Log.Org,
        IsTrusted = mirrored.Log.IsTrusted,
        Number = mirrored.Number,
    };
}
