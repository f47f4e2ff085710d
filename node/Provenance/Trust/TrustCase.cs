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

    private readonly TrustRules rules;
    private readonly Func<ModuleVersion, string?> quarantine;

    /// <summary>Guards all below.</summary>
    private readonly Lock gate = new();
    private readonly HashSet<(string Known, string Other)> told = [];
    private TrustEvidence evidence;
    private TrustVerdict? now;

    /// <param name="module">What is being fetched.</param>
    /// <param name="own">What this node has on record itself; null for nothing.</param>
    /// <param name="rules">Decide.</param>
    /// <param name="quarantine">Why a module version may not be used; null when it may. Quick.</param>
    public TrustCase(ModuleVersion module, HashPair? own, TrustRules rules, Func<ModuleVersion, string?> quarantine)
    {
        this.rules = rules;
        this.quarantine = quarantine;
        evidence = new TrustEvidence { Module = module, Own = own };
    }

    public ModuleVersion Module => evidence.Module;

    /// <summary>What would be believed by now.</summary>
    public TrustVerdict Now
    {
        get
        {
            string? why = quarantine(Module);
            lock (gate)
            {
                if (now is null || why != evidence.Quarantine)
                {
                    evidence = evidence with { Quarantine = why };
                    now = TrustPolicy.Decide(evidence, rules);
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

    /// <summary>What is to be said of bytes with these hashes.</summary>
    public TrustVerdict Judge(HashPair received)
    {
        string? why = quarantine(Module);
        lock (gate)
        {
            return TrustPolicy.Decide(evidence with { Received = received, Quarantine = why }, rules);
        }
    }

    /// <inheritdoc cref="TrustPolicy.WouldSuffice"/>
    public bool WouldSuffice(string org)
    {
        lock (gate)
        {
            return TrustPolicy.WouldSuffice(evidence, rules, org);
        }
    }

    /// <summary>Records come in. What stands here already changes nothing.</summary>
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
        lock (gate)
        {
            return [.. verdict.Incidents.Where(incident => told.Add((incident.Known.ToString(), incident.Other.ToString())))];
        }
    }

    private void Change(TrustEvidence changed)
    {
        evidence = changed;
        now = null;
    }
}
