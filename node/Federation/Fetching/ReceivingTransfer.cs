using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Trust;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>
/// A transfer that notes what is private where it comes from, before it is held: a peer of another organization, whose word counts here, has it in a record with
/// a salt line. What is proven in public is no secret, and a peer that is not believed cannot make one of it.
/// </summary>
internal sealed class ReceivingTransfer(TransferModule inner, PrivateGate privacy, ReceivedModules received, ILogger<ReceivingTransfer> logger)
{
    public async Task<Outcome<ModuleFacts>> RunAsync(
        PeerFetch fetch, ModuleRecord believed, Func<IReadOnlyList<Holder>> holders, CancellationToken cancellationToken)
    {
        try
        {
            Outcome<ModuleFacts> outcome = await inner(fetch, believed, holders, cancellationToken);
            if (outcome.IsFound)
            {
                await NoteAsync(fetch, holders(), cancellationToken);
            }

            return outcome;
        }
        catch (ReceivedNotKeptException exception)
        {
            return Outcome<ModuleFacts>.Unavailable($"{fetch.Module} is private at a peer, which cannot be noted here: {exception.Message}");
        }
    }

    private async Task NoteAsync(PeerFetch fetch, IReadOnlyList<Holder> holders, CancellationToken cancellationToken)
    {
        if (holders.FirstOrDefault(holder => holder.Record.IsPrivate && holder.Peer.IsTrusted && !privacy.IsInside(holder.Peer.Options)) is not { } giver
            || privacy.IsPrivate(fetch.Module.Path))
        {
            return;
        }

        // A proof may be on its way still. Only what the givers' word has settled is taken for a secret, as from then on nobody is asked for a proof of it.
        await fetch.Trust.ProveAsync().WaitAsync(cancellationToken);
        if (fetch.Trust.Now.Step is not (TrustStep.Namespace or TrustStep.Quorum))
        {
            return;
        }

        try
        {
            if (received.Add(fetch.Module.Path, PrivateGate.GiverOf(giver.Peer.Options)))
            {
                logger.Received(fetch.Module.Path, giver.Peer.Options.Name);
            }
        }
        catch (IOException exception)
        {
            throw new ReceivedNotKeptException(exception.Message, exception);
        }
    }

    private sealed class ReceivedNotKeptException(string message, Exception inner) : Exception(message, inner);
}
