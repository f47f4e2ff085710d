using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Answers Locate: what is held, what is being fetched, and when asked to, waits for what is being fetched.</summary>
/// <param name="view">What may be told to whom.</param>
/// <param name="flights">What this node fetches.</param>
/// <param name="limits">How many may wait.</param>
/// <param name="rivals">Told that a peer will go upstream for a module version when nobody has it.</param>
/// <param name="self">This node's identity.</param>
internal sealed class Locator(
    PublicView view, FlightBoard flights, PeerLimits limits, RivalBoard rivals, PeerKey self)
{
    /// <summary>Module versions that a look-up may have for the price of one plain call.</summary>
    private const int ModulesOfACall = 16;

    /// <summary>What a request is worth against its peer's rate.</summary>
    public static int Cost(Wire.LocateRequest request) => 1 + (request.Modules.Count / ModulesOfACall);

    /// <param name="call">The call.</param>
    /// <param name="request">The request, not yet checked.</param>
    /// <param name="stopping">This node is going down: nobody waits any longer.</param>
    public async Task<Wire.LocateResponse> LocateAsync(ServedCall call, Wire.LocateRequest request, CancellationToken stopping)
    {
        IReadOnlyList<ModuleVersion> modules = RequestRules.Modules(request);
        if (request.WantsUpstream)
        {
            // Noted before this node's own phase is read: so of two nodes that begin at once, one sees the other.
            foreach (ModuleVersion module in modules.Where(module => view.Allows(module, call.Peer)))
            {
                rivals.Heard(call.Peer, module);
            }
        }

        Wire.LocateResponse response = await LookAsync(call, modules);
        return request.WaitMs > 0 && await WaitAsync(call, modules, response, TimeSpan.FromMilliseconds(request.WaitMs), stopping)
            ? await LookAsync(call, modules)
            : response;
    }

    private async Task<Wire.LocateResponse> LookAsync(ServedCall call, IReadOnlyList<ModuleVersion> modules)
    {
        Wire.LocateResponse response = new();
        foreach (ModuleVersion module in modules)
        {
            // The phase first: what lands between the two questions is then found in the store.
            FlightPhase phase = view.PhaseOf(module, call.Peer);
            HeldModule? held = await view.FindAsync(module, call.Peer, call.Cancelled);
            response.Locations.Add(held is null ? NotHeld(module, phase) : Held(held));
        }

        return response;
    }

    // False when there was nothing to wait for, or too many wait already.
    private async Task<bool> WaitAsync(
        ServedCall call, IReadOnlyList<ModuleVersion> modules, Wire.LocateResponse response, TimeSpan patience, CancellationToken stopping)
    {
        List<ModuleVersion> flying = [.. modules.Where((_, i) => IsFlying(response.Locations[i]))];
        if (flying.Count == 0 || limits.TryWait(call.Peer, modules.Count) is not { } place)
        {
            return false;
        }

        call.MoveTo(place);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, stopping);
        try
        {
            await Task.WhenAll(flying.Select(module => flights.WhenLandedAsync(module, patience, ending.Token)));
        }
        catch (OperationCanceledException) when (!call.Cancelled.IsCancellationRequested)
        {
            // Going down: the caller learns how things stand and asks somebody else.
        }

        return true;
    }

    private static bool IsFlying(Wire.Location location) =>
        location.State is Wire.Location.Types.State.Wanted or Wire.Location.Types.State.Fetching;

    private static Wire.Location Held(HeldModule held) => new()
    {
        State = Wire.Location.Types.State.Held,
        Record = held.Record,
        ZipSha256 = UnsafeByteOperations.UnsafeWrap(Convert.FromHexString(held.Facts.Zip.Sha256)),
        ZipSize = (ulong)held.Facts.Zip.Size,
        Chunks = held.Chunks,
        InfoSize = (uint)held.Facts.Info.Size,
        ModSize = (uint)held.Facts.Mod.Size,
    };

    private Wire.Location NotHeld(ModuleVersion module, FlightPhase phase) => phase switch
    {
        FlightPhase.Wanted => new() { State = Wire.Location.Types.State.Wanted, Rank = Rank.Of(self, module).Value },
        FlightPhase.Upstream => new() { State = Wire.Location.Types.State.Fetching, Rank = Rank.Of(self, module).Value },
        _ => new() { State = Wire.Location.Types.State.Absent },
    };
}
