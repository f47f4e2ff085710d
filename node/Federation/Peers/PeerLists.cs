using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Lists and queries out of what trusted peers hold. A version that no trusted record confirms is left out.</summary>
internal sealed class PeerLists
{
    /// <summary>One call's patience; a list takes a look-up by path.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Everything together: upstream is asked as well, and a developer waits for both.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    /// <summary>Others may answer so much later than the first; a slow one costs every list and query no more than this.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(75);

    private readonly PeerTable table;
    private readonly PeerCalls calls;
    private readonly TimeProvider time;

    public PeerLists(PeerTable table, PeerCalls calls, TimeProvider time)
    {
        this.table = table;
        this.calls = calls;
        this.time = time;
    }

    public async Task<Outcome<VersionList>> VersionsAsync(string path, CancellationToken cancellationToken)
    {
        using Activity? span = Tracing.Source.StartActivity("peers.versions");
        using CancellationTokenSource deadline = new(Deadline, time);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        VersionConfirmation confirmation = new(calls, path);
        try
        {
            IReadOnlyList<PeerAnswer<PeerVersions>> answers = await GatherAsync(
                path, peer => ListAsync(peer, path, ending.Token), ending.Token);
            await confirmation.RunAsync([.. answers.Select(static answer => answer.Value).OfType<PeerVersions>()], ending.Token);
            return Outcome(answers, confirmation);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return confirmation.Confirmed is { Versions.Count: > 0 } some
                ? Outcome<VersionList>.Found(some, confirmation.Source)
                : Outcome<VersionList>.Unavailable($"peers took too long to list the versions of {path}");
        }
    }

    public async Task<Outcome<ResolvedVersion>> ResolveAsync(string path, string query, CancellationToken cancellationToken)
    {
        using Activity? span = Tracing.Source.StartActivity("peers.resolve");
        IReadOnlyList<PeerAnswer<PeerResolution>> answers = await GatherAsync(
            path, peer => ResolveAsync(peer, path, query, cancellationToken), cancellationToken);
        PeerResolution? best = answers.Select(static answer => answer.Value).OfType<PeerResolution>().Order(PeerResolution.Ascending).LastOrDefault();
        return best is not null
            ? Outcome<ResolvedVersion>.Found(best.Resolved, $"peer:{best.Peer.Options.Name}")
            : None<ResolvedVersion, PeerResolution>(answers, $"no connected peer can tell {path}@{query}");
    }

    private static Outcome<VersionList> Outcome(IReadOnlyList<PeerAnswer<PeerVersions>> answers, VersionConfirmation confirmation) =>
        confirmation.Confirmed is { Versions.Count: > 0 } found
            ? Outcome<VersionList>.Found(found, confirmation.Source)
            : None<VersionList, PeerVersions>(answers, $"no connected peer holds tagged versions of {confirmation.Path}");

    /// <summary>Absent when every peer that was asked said so, or none could be asked.</summary>
    private static Outcome<T> None<T, TAnswer>(IReadOnlyList<PeerAnswer<TAnswer>> answers, string reason)
        where T : class
        where TAnswer : class
    {
        PeerAnswer<TAnswer> failed = answers.FirstOrDefault(
            static answer => answer.End is PeerCallEnd.Failed or PeerCallEnd.Busy or PeerCallEnd.GivenUp);
        bool isAnyProper = answers.Any(static answer => answer.End is PeerCallEnd.Answered or PeerCallEnd.NotHeld);
        return failed.Reason is null || isAnyProper
            ? Outcome<T>.Absent(reason)
            : Outcome<T>.Unavailable($"{reason}: {failed.Reason}");
    }

    private Task<IReadOnlyList<PeerAnswer<T>>> GatherAsync<T>(
        string path, Func<Peer, Task<PeerAnswer<T>>> ask, CancellationToken cancellationToken)
        where T : class
    {
        IEnumerable<Peer> trusted = table.Peers.Where(peer => peer.IsTrusted && calls.MayAsk(peer, path));
        Task<PeerAnswer<T>>[] answers = [.. PeerOrder.Choose(trusted, PeerOrder.MostAsked).Select(ask)];
        return Gathering.GatherAsync(answers, static answer => answer.End == PeerCallEnd.Answered, Grace, time, cancellationToken);
    }

    private async Task<PeerAnswer<PeerVersions>> ListAsync(Peer peer, string path, CancellationToken cancellationToken)
    {
        var answer = await calls.VersionsAsync(peer, path, Patience, cancellationToken);
        return answer.Value is { } told
            ? PeerAnswer<PeerVersions>.Of(PeerVersions.Of(peer, path, told.Versions))
            : PeerAnswer<PeerVersions>.Not(answer.End, answer.Reason);
    }

    private async Task<PeerAnswer<PeerResolution>> ResolveAsync(
        Peer peer, string path, string query, CancellationToken cancellationToken)
    {
        var answer = await calls.ResolveAsync(peer, path, query, Patience, cancellationToken);
        if (answer.Value is not { } told)
        {
            return PeerAnswer<PeerResolution>.Not(answer.End, answer.Reason);
        }

        if (PeerResolution.Check(peer, path, told, out string? lie) is { } resolution)
        {
            return PeerAnswer<PeerResolution>.Of(resolution);
        }

        if (lie is not null)
        {
            peer.Failed(PeerFault.Lied, $"{path}@{query}: {lie}");
        }

        return PeerAnswer<PeerResolution>.Not(PeerCallEnd.Failed, lie ?? "the connection was lost");
    }
}
