using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Mirrors;
using Athens.Federation.Node.Provenance.OwnLog;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Logs;

/// <summary>
/// Follows some logs through one relay, while it is connected: hears of their heads and pulls with each. A head that passes while another of the same log is pulled is
/// skipped. The relay is believed nothing: what it gives is signed by the logs' own keys, or a lie of the relay.
/// </summary>
/// <param name="relay">A connected peer of the logs' organization.</param>
/// <param name="wanted">The logs by their keys' ids.</param>
/// <param name="parts">What following takes.</param>
internal sealed class RelayFollower(Peer relay, IReadOnlyDictionary<uint, RelayedLog> wanted, LogFollowing parts)
{
    /// <summary>Pulls at once: one log that is far behind holds up no other.</summary>
    private const int MaxPulls = 4;

    private readonly Lock gate = new();

    /// <summary>The newest head of each log that is to be pulled; a log is in one of the two at most for each of its heads.</summary>
    private readonly Dictionary<uint, Wire.RelayedHead> newest = [];
    private readonly HashSet<uint> pulling = [];
    private readonly Signal came = new();
    private string? said;
    private volatile bool isGood;

    public Task RunAsync(CancellationToken cancellationToken) => parts.WatchOnAsync(relay, WatchAsync, cancellationToken);

    /// <summary>One watch, until it ends; whether anything came of it.</summary>
    private async Task<bool> WatchAsync(PeerLink link, CancellationToken cancellationToken)
    {
        isGood = false;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] pulls = [.. Enumerable.Range(0, MaxPulls).Select(_ => Task.Run(() => PullOnAsync(ending), CancellationToken.None))];
        try
        {
            await foreach (Wire.RelayedHead head in PeerCalls.WatchRelayedAsync(relay, link, wanted.Keys, ending.Token))
            {
                if (!Take(head))
                {
                    break;
                }
            }
        }
        catch (PeerCallException exception)
        {
            Failed(exception);
        }
        finally
        {
            await ending.CancelAsync();
            lock (gate)
            {
                newest.Clear();
            }

            // Throws what none of them expected.
            await Task.WhenAll(pulls);
        }

        return isGood;
    }

    private bool Take(Wire.RelayedHead head)
    {
        if (!wanted.ContainsKey(head.Log) || head.Checkpoint.Length > HeadAnswers.MaxNote || head.Latest.Length > HeadAnswers.MaxNote)
        {
            relay.Failed(PeerFault.Protocol, $"it relays a log that was not asked for, or a head of more than {HeadAnswers.MaxNote} bytes");
            return false;
        }

        lock (gate)
        {
            newest[head.Log] = head;
        }

        came.Tell();
        return true;
    }

    /// <summary>One of <see cref="MaxPulls"/>; what it does not expect ends the watch.</summary>
    private async Task PullOnAsync(CancellationTokenSource ending)
    {
        try
        {
            await PullOnAsync(ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The watch has ended.
        }
        catch (Exception)
        {
            await ending.CancelAsync();
            throw;
        }
    }

    private async Task PullOnAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Task next = came.Next;
            if (Next() is not { } head)
            {
                await next.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            try
            {
                if (await PullAsync(wanted[head.Log], head, cancellationToken))
                {
                    isGood = true;
                }
            }
            catch (PeerCallException exception)
            {
                Failed(exception);
            }
            catch (IOException exception)
            {
                parts.Logger.MirrorFailed(relay.Options.Name, exception.Message);
            }
            finally
            {
                lock (gate)
                {
                    pulling.Remove(head.Log);
                }

                // Its next head may have come meanwhile.
                came.Tell();
            }
        }
    }

    private Wire.RelayedHead? Next()
    {
        lock (gate)
        {
            foreach ((uint log, Wire.RelayedHead head) in newest)
            {
                if (pulling.Add(log))
                {
                    newest.Remove(log);
                    return head;
                }
            }

            return null;
        }
    }

    private async Task<bool> PullAsync(RelayedLog log, Wire.RelayedHead told, CancellationToken cancellationToken)
    {
        if (SignedHead.Read(told.Latest.Memory, told.Checkpoint.Memory, log.Key, out string? reason) is not { } met)
        {
            relay.Failed(PeerFault.Lied, $"it relays a head of the log {log.Key.Name} that the log has not signed: {reason}");
            return false;
        }

        if (await parts.Mirrors.AddAsync(log.Key, log.Owner.Options.Key.ToString(), cancellationToken) is not { } mirror)
        {
            Say($"{log.Owner.Options.Name} has begun more than {MirrorSet.MaxFromOneOwner} logs, or its log's key is another peer's, or its name is too long");
            return false;
        }

        PullResult result = await parts.PullAsync(mirror, met, relay, cancellationToken);
        switch (result.End)
        {
            case PullEnd.Level:
                return await IsContinuedAsync(log, mirror, told.Rotation, cancellationToken);
            case PullEnd.Behind:
                return true;
            case PullEnd.Lied:
                relay.Failed(PeerFault.Lied, $"of the log {mirror.Name}, which it relays: {result.Reason}");
                return false;
            default:
                Say(result.Reason);
                return false;
        }
    }

    private async Task<bool> IsContinuedAsync(RelayedLog log, Mirror mirror, ByteString statement, CancellationToken cancellationToken)
    {
        if (statement.IsEmpty || statement == log.Continued)
        {
            return true;
        }

        (bool holds, string? wrong) = await parts.ContinuesAsync(mirror, log.Owner, statement.Memory, cancellationToken);
        if (wrong is not null)
        {
            relay.Failed(PeerFault.Lied, wrong);
        }

        log.Continued = holds ? statement : log.Continued;
        return holds;
    }

    private void Failed(PeerCallException exception)
    {
        if (exception.Fault.Fault is { } fault and not PeerFault.Unreachable)
        {
            relay.Failed(fault, exception.Fault.Reason, exception.Fault.Pushback);
        }

        Say(exception.Fault.Reason);
    }

    /// <summary>What goes wrong at every try is said once.</summary>
    private void Say(string reason)
    {
        if (!string.Equals(said, reason, StringComparison.Ordinal))
        {
            said = reason;
            parts.Logger.NotRelayed(relay.Options.Name, reason);
        }
    }
}
