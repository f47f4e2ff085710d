using System.Runtime.InteropServices;
using Athens.Federation.Node.Federation;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Storage;

namespace Athens.Federation.Node.Host;

/// <summary>
/// Reads the configuration again when its file has changed, or at once on SIGHUP, and puts the new peers into force. A
/// file with errors changes nothing. The file is looked at and not waited for: inotify tells nothing of network file
/// systems and loses track of files that are renamed.
/// </summary>
internal sealed class PeerReload(RunningConfiguration running, PeerList peers, NodeKeys keys, TimeProvider time, ILogger<PeerReload> logger)
    : IHostedService, IDisposable
{
    /// <summary>
    /// Between two looks at the file. A change counts once two looks have seen the same, so that a file is not read while
    /// somebody is writing it: it is in force after four seconds at the latest.
    /// </summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly PeerKey self = PeerKey.Of(keys.Identity.PublicKey.Span);

    // Guards the fields below: a look and a signal may come together.
    private readonly Lock gate = new();
    private FileStamp? applied = running.Stamp;
    private FileStamp? seen = running.Stamp;
    private ITimer? looks;
    private PosixSignalRegistration? hangup;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        looks = time.CreateTimer(_ => Look(), null, Interval, Interval);
        hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Reload();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        looks?.Dispose();
        hangup?.Dispose();
    }

    private void Look()
    {
        // A look that outlasts the interval (a file system that hangs) is not joined by a second.
        if (!gate.TryEnter())
        {
            return;
        }

        try
        {
            var now = running.Source.Stamp();
            var isSettled = now == seen;
            seen = now;
            if (now != applied && isSettled)
            {
                Apply(now);
            }
        }
        finally
        {
            gate.Exit();
        }
    }

    private void Reload()
    {
        lock (gate)
        {
            Apply(running.Source.Stamp());
        }
    }

    private void Apply(FileStamp? stamp)
    {
        var isGone = stamp is null && applied is not null;
        applied = stamp;
        if (isGone)
        {
            // Somebody is about to put another in its place, or made a mistake: nobody removes all peers in this way.
            logger.ConfigurationGone(running.Source.Name);
            return;
        }

        var loaded = running.Source.Load();
        var errors = loaded.Configuration is null ? loaded.Errors : OwnKey.ErrorsIn(loaded, self);
        if (loaded.Configuration is not { } configuration || errors.Count > 0)
        {
            foreach (var error in errors)
            {
                logger.ConfigurationError(error.ToString());
            }

            logger.ConfigurationRefused(errors.Count);
            return;
        }

        Replace(configuration.Peers);
        if (running.KeysThatDiffer(loaded) is { Count: > 0 } keys)
        {
            logger.RestartNeeded(string.Join(", ", keys));
        }
    }

    private void Replace(IReadOnlyList<PeerOptions> wanted)
    {
        var had = peers.Of(PeerOrigin.Configuration);
        if (wanted.SequenceEqual(had))
        {
            logger.PeersUnchanged(had.Count);
            return;
        }

        peers.Set(PeerOrigin.Configuration, wanted);
        var names = had.Select(peer => peer.Name).ToHashSet(StringComparer.Ordinal);
        var added = wanted.Where(peer => !names.Contains(peer.Name)).Select(peer => peer.Name);
        var removed = names.Except(wanted.Select(peer => peer.Name), StringComparer.Ordinal);
        var changed = wanted.Where(peer => names.Contains(peer.Name) && !had.Contains(peer)).Select(peer => peer.Name);
        logger.PeersReplaced(wanted.Count, Listed(added), Listed(removed), Listed(changed));
    }

    private static string Listed(IEnumerable<string> names)
    {
        // A line that names a thousand peers helps nobody.
        const int most = 20;
        var all = names.ToList();
        return all.Count switch
        {
            0 => "none",
            > most => $"{string.Join(", ", all.Take(most))} and {all.Count - most} more",
            _ => string.Join(", ", all),
        };
    }
}
