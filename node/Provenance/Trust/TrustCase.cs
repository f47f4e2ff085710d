using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Provenance.Trust;

/// <summary>
/// What is known of one module version while it is being fetched: evidence comes in as it arrives, from several sides at once, and it tells at any
/// moment what would be believed. Lives as long as the fetch. Thread-safe.
/// </summary>
internal sealed class TrustCase
{
    /// <summary>Peers and logs that are looked at for one module version are fewer; what comes beyond is left out.</summary>
    public const int MaxRecords = 4096;

    private readonly TrustDesk desk;

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private readonly HashSet<(string Known, string Other)> told = [];
    private List<TrustIncident>? unreported = [];
    private TrustEvidence evidence;
    private TrustVerdict? now;
    private Task? proving;

    /// <param name="module">What is being fetched.</param>
    /// <param name="own">What this node has on record itself; null for nothing.</param>
    /// <param name="desk">Has the rules, and says what is quarantined.</param>
    public TrustCase(ModuleVersion module, HashPair? own, TrustDesk desk)
    {
        this.desk = desk;
        evidence = new TrustEvidence { Module = module, Own = own };
    }

    public ModuleVersion Module => evidence.Module;

    /// <summary>What would be believed by now.</summary>
    public TrustVerdict Now
    {
        get
        {
            string? why = desk.WhyQuarantined(Module);
            lock (gate)
            {
                if (now is null || why != evidence.Quarantine)
                {
                    evidence = evidence with { Quarantine = why };
                    now = TrustPolicy.Decide(evidence, desk.Rules);
                }

                return now;
            }
        }
    }

    /// <summary>All of other nodes' records that came in.</summary>
    public IReadOnlyList<KnownRecord> Records
    {
        get
        {
            lock (gate)
            {
                return evidence.Records;
            }
        }
    }

    /// <summary>Public proofs that came in.</summary>
    public IReadOnlyList<PublicProof> Proofs
    {
        get
        {
            lock (gate)
            {
                return evidence.Proofs;
            }
        }
    }

    /// <summary>Whether a public proof is there, or may still come.</summary>
    public bool MayBeProven => Now.Step == TrustStep.PublicProof || desk.MayProve(Module.Path);

    /// <summary>What is to be said of bytes with these hashes, by what is known at this moment.</summary>
    /// <param name="received">Computed from the bytes.</param>
    /// <param name="isUpstream">Whether this node got them from upstream itself.</param>
    public TrustVerdict Judge(HashPair received, bool isUpstream)
    {
        string? why = desk.WhyQuarantined(Module);
        lock (gate)
        {
            return TrustPolicy.Decide(evidence with { Received = received, IsFromUpstream = isUpstream, Quarantine = why }, desk.Rules);
        }
    }

    /// <summary>The same, but nothing is refused before the public checksum database was asked: it may settle what records cannot. The operator hears of incidents.</summary>
    public async Task<TrustVerdict> JudgeFinallyAsync(HashPair received, bool isUpstream)
    {
        TrustVerdict verdict = Judge(received, isUpstream);
        if (verdict is { IsRefused: true, Step: > TrustStep.PublicProof })
        {
            await ProveAsync();
            verdict = Judge(received, isUpstream);
        }

        desk.Tell(this, verdict);
        return verdict;
    }

    /// <summary>Asks for a public proof, once however often it is called. Ends soon, with or without one, and never throws.</summary>
    public Task ProveAsync()
    {
        lock (gate)
        {
            return proving ??= desk.ProveAsync(this);
        }
    }

    /// <inheritdoc cref="TrustPolicy.WouldSuffice"/>
    public bool WouldSuffice(string org)
    {
        lock (gate)
        {
            return TrustPolicy.WouldSuffice(evidence, desk.Rules, org);
        }
    }

    /// <summary>Records come in. What stands here already changes nothing. The operator hears of incidents.</summary>
    public void Add(params IEnumerable<KnownRecord> records)
    {
        lock (gate)
        {
            List<KnownRecord> all = [.. evidence.Records];
            foreach (KnownRecord record in records)
            {
                if (all.Count < MaxRecords && !all.Exists(record.Repeats))
                {
                    all.Add(record);
                }
            }

            Change(evidence with { Records = all });
        }

        desk.Tell(this, Now);
    }

    /// <summary>A public checksum database has told.</summary>
    public void Add(PublicProof proof)
    {
        lock (gate)
        {
            if (!evidence.Proofs.Contains(proof))
            {
                Change(evidence with { Proofs = [.. evidence.Proofs, proof] });
            }
        }
    }

    /// <summary>A log's records are found to contradict themselves: they prove nothing, and bind nobody.</summary>
    public void Withdraw(string log)
    {
        lock (gate)
        {
            Change(evidence with { Records = [.. evidence.Records.Where(record => record.Log != log)] });
        }
    }

    /// <summary>The incidents of a verdict that were not taken before.</summary>
    public IReadOnlyList<TrustIncident> TakeNew(TrustVerdict verdict)
    {
        if (verdict.Incidents.Count == 0)
        {
            return [];
        }

        lock (gate)
        {
            return [.. verdict.Incidents.Where(incident => told.Add((incident.Known.ToString(), incident.Other.ToString())))];
        }
    }

    /// <summary>
    /// Keeps an incident until the fetch is over: to report it may quarantine the module version, and the original of a moved tag is to be delivered first.
    /// False when the fetch is over.
    /// </summary>
    public bool TryKeep(TrustIncident incident)
    {
        lock (gate)
        {
            unreported?.Add(incident);
            return unreported is not null;
        }
    }

    /// <summary>The fetch is over: the incidents that were kept.</summary>
    public IReadOnlyList<TrustIncident> Close()
    {
        lock (gate)
        {
            IReadOnlyList<TrustIncident> kept = unreported ?? [];
            unreported = null;
            return kept;
        }
    }

    private void Change(TrustEvidence changed)
    {
        evidence = changed;
        now = null;
    }
}
