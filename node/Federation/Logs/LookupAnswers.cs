using System.Text;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>Answers Lookup, as a developer at this node would be answered.</summary>
internal sealed class LookupAnswers(ServedLogs logs, PrivateGate gate, TimeProvider time)
{
    /// <summary>What a look-up is worth against its peer's rate: it may start a fetch.</summary>
    public const int Cost = 4;

    private const int MaxReason = 1 << 10;

    /// <summary>Less than the peers wait; a fetch that takes longer goes on, and its record comes with the log.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="call">The call.</param>
    /// <param name="request">The request, not yet checked.</param>
    /// <param name="stopping">This node is going down.</param>
    public async Task<Wire.LookupResponse> LookupAsync(ServedCall call, Wire.LookupRequest request, CancellationToken stopping)
    {
        ModuleVersion module = RequestRules.Module(request.Module);
        if (!gate.Allows(module.Path, call.Peer))
        {
            return Not(Wire.LookupResponse.Types.End.NotHeld, $"the log {logs.Own.Name} has no record of {module}");
        }

        using CancellationTokenSource patience = new(Patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, call.Cancelled, stopping);
        try
        {
            return Tell(await logs.Database.LookupAsync(module, ending.Token));
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Not(Wire.LookupResponse.Types.End.Unavailable, $"{module} is being retrieved and takes longer than {Patience.TotalSeconds:0} s; ask again");
        }
    }

    private static Wire.LookupResponse Tell(Outcome<ChecksumAnswer> outcome) => outcome.Kind switch
    {
        OutcomeKind.Found => new Wire.LookupResponse
        {
            End = Wire.LookupResponse.Types.End.Found,
            Answer = UnsafeByteOperations.UnsafeWrap(outcome.Value!.Body),
        },
        OutcomeKind.Absent => Not(Wire.LookupResponse.Types.End.Absent, outcome.Reason),
        OutcomeKind.NotHeld => Not(Wire.LookupResponse.Types.End.NotHeld, outcome.Reason),
        OutcomeKind.Forbidden => Not(Wire.LookupResponse.Types.End.Forbidden, outcome.Reason),
        OutcomeKind.Conflicting => Not(Wire.LookupResponse.Types.End.Conflicting, outcome.Reason),
        _ => Not(Wire.LookupResponse.Types.End.Unavailable, outcome.Reason),
    };

    private static Wire.LookupResponse Not(Wire.LookupResponse.Types.End end, string reason)
    {
        // Cut so that no character takes it over the bound in UTF-8.
        bool fits = Encoding.UTF8.GetByteCount(reason) <= MaxReason;
        return new Wire.LookupResponse { End = end, Reason = fits ? reason : reason[..Math.Min(reason.Length, MaxReason / 4)] };
    }
}
