using System.Globalization;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Provenance.LogKeys;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens key revoke --from N</c>: the former log key is in other hands. The word of the identity key on it is kept and travels as evidence does.</summary>
internal sealed class KeyRevokeVerb(NodeKeys keys, LogSigner signer, IncidentBook book) : IAdminVerb
{
    public string Name => "key revoke";

    public async ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (!StrictNumber.TryParse(request.Options.GetValueOrDefault(KeyCommands.FromOption, ""), out var from))
        {
            return new AdminAnswer(ExitCodes.WrongUse, "say from which record on: athens key revoke --from N, with N from 0 on");
        }

        if (keys.Rotation is not { } rotation)
        {
            return new AdminAnswer(
                ExitCodes.CouldNot, "the present log key is the first one: stop the node, give it another with 'athens key rotate --days 0', start it, and revoke then");
        }

        // The key first: whatever interrupts this, it does not sign again.
        keys.RetireFormer();
        signer.EndFormer();
        var revocation = new LogRevocation(rotation.From, from).Sign(keys.Identity);
        var taken = await book.TakeAsync(Evidence.OfRevokedLog(keys.Identity.Verifier, revocation), "", cancellationToken);
        return taken.End is EvidenceEnd.Kept or EvidenceEnd.Known && taken.Id is { } id
            ? new AdminAnswer(ExitCodes.Done, string.Create(
                CultureInfo.InvariantCulture,
                $"The log key of {rotation.From.Name} is revoked from record {from} on (incident {id}); peers hear of it now, or when they connect. Developers that verify against this node need:\n"
                + $"export GOSUMDB={rotation.To}"))
            : new AdminAnswer(ExitCodes.CouldNot, $"it was revoked {IncidentBook.MaxRevocations} times already, from other records on; the key does not sign any more");
    }
}
