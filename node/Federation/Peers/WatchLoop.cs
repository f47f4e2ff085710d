namespace Athens.Federation.Node.Federation.Peers;

/// <summary>Watches something at one peer whenever it is connected: again after each end, with growing pauses.</summary>
/// <param name="peer">Whom.</param>
/// <param name="dialer">The clock, and what keeps nodes from coming back at once.</param>
/// <param name="fault">Told of a fault of this node.</param>
internal sealed class WatchLoop(Peer peer, PeerDialer dialer, Action<Exception> fault)
{
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);

    /// <param name="watch">One watch, until it ends; says by itself what was wrong with the peer.</param>
    /// <param name="cancellationToken">Ends all.</param>
    public async Task RunAsync(Func<PeerLink, CancellationToken, Task> watch, CancellationToken cancellationToken)
    {
        TimeSpan pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                PeerLink link = await peer.LinkAsync(cancellationToken);
                long start = dialer.Time.GetTimestamp();
                await watch(link, cancellationToken);
                pause = dialer.Time.GetElapsedTime(start) > LongestPause ? FirstPause : pause;
            }
            catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is (OperationCanceledException or PeerCallException))
            {
                return;
            }
            catch (Exception exception)
            {
                fault(exception);
                pause = LongestPause;
            }

            TimeSpan aside = peer.SetAsideLeft;
            await Task.Delay(dialer.Jitter(aside > pause ? aside : pause), dialer.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }
}
