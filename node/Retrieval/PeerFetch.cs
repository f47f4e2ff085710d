using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Retrieval;

/// <summary>One module version's fetch, as peers see it: where to put the files, how to have them checked, when upstream begins.</summary>
internal sealed class PeerFetch
{
    private readonly Verifier verifier;
    private readonly ModuleFacts? held;
    private readonly FlightBoard.Entry flight;
    private readonly TaskCompletionSource upstream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource absentUpstream = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PeerFetch(StagedModule staged, ModuleFacts? held, FlightBoard.Entry flight, Verifier verifier, TrustCase trust)
    {
        Staged = staged;
        Trust = trust;
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

    /// <summary>Completes once upstream has said that there is no such module version: only what is about to arrive is worth waiting for then.</summary>
    public Task UpstreamHasNone => absentUpstream.Task;

    /// <summary>What is known of the module version, and what is believed by it. Bytes are accepted by nothing else.</summary>
    public TrustCase Trust { get; }

    /// <summary>The facts of the files that were accepted last; null while none were.</summary>
    public ModuleFacts? Accepted { get; private set; }

    /// <summary>
    /// Upstream may begin now, in parallel; further calls change nothing. When this returns the board says so: who asks from then
    /// on is told that this node has gone.
    /// </summary>
    public void StartUpstream()
    {
        flight.GoesUpstream();
        upstream.TrySetResult();
    }

    /// <summary>Upstream has said that there is no such module version.</summary>
    public void NoteUpstreamHasNone() => absentUpstream.TrySetResult();

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
