using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Retrieval;

/// <summary>One module version's fetch, as peers see it: where to put the files, how to have them checked, when upstream begins.</summary>
internal sealed class PeerFetch
{
    private readonly Verifier verifier;
    private readonly ModuleFacts? held;
    private readonly FlightBoard.Entry flight;
    private readonly TaskCompletionSource upstream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ModuleHashes? expected;

    public PeerFetch(StagedModule staged, ModuleFacts? held, FlightBoard.Entry flight, Verifier verifier)
    {
        Staged = staged;
        this.held = held;
        this.flight = flight;
        this.verifier = verifier;
    }

    public ModuleVersion Module => Staged.Module;

    /// <summary>To be filled by peers; <see cref="StagedModule.ZipPath"/> is where the zip belongs.</summary>
    public StagedModule Staged { get; }

    public bool UpstreamStarted => upstream.Task.IsCompleted;

    /// <summary>Completes once upstream may begin.</summary>
    public Task UpstreamMayStart => upstream.Task;

    /// <summary>What a trusted record says, as far as one is known by now.</summary>
    public ModuleHashes? Expected => Volatile.Read(ref expected);

    /// <summary>The facts of the files that were accepted last; null while none were.</summary>
    public ModuleFacts? Accepted { get; private set; }

    /// <summary>
    /// What a trusted record says against what this node has on record itself (of a file that was damaged since); null
    /// while they agree or one of them is not known.
    /// </summary>
    public HashConflict? OwnConflict =>
        held is null ? null : Expected?.Against(held.ZipHash, held.ModHash);

    /// <summary>
    /// Upstream may begin now, in parallel; further calls change nothing. When this returns the board says so: who asks from then
    /// on is told that this node has gone.
    /// </summary>
    public void StartUpstream()
    {
        flight.GoesUpstream();
        upstream.TrySetResult();
    }

    /// <summary>
    /// Tells what a trusted record says: whatever upstream delivers must equal it, else the answer is 403. Null takes it
    /// back, for a record that was found to contradict itself.
    /// </summary>
    public void Expect(ModuleHashes? hashes) => Volatile.Write(ref expected, hashes);

    /// <summary>Checks what is staged now: Go's zip rules, the three files among themselves, h1 against the claims and own records.</summary>
    /// <exception cref="IOException">The staged zip could not be read.</exception>
    public async Task<Verdict> VerifyAsync(FetchedModule claims, string source, CancellationToken cancellationToken)
    {
        Accepted = null;
        Verdict verdict = await verifier.VerifyAsync(Staged, claims, held, source, cancellationToken);
        Accepted = verdict.Facts;
        return verdict;
    }
}
