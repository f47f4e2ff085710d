using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.OwnLog;
using Athens.Federation.Node.Provenance.Trust;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary><c>athens provenance MODULE@VERSION</c>: all that is known of it, at a glance.</summary>
internal sealed class ProvenanceVerb(TrustInquiry inquiry, NodeLog log) : IAdminVerb
{
    private const string Usage = "name one module version: athens provenance github.com/pkg/errors@v0.9.1";

    public string Name => "provenance";

    public async ValueTask<AdminAnswer> RunAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (request.Words is not [var word] || word.LastIndexOf('@') is not (> 0 and var at))
        {
            return new AdminAnswer(ExitCodes.WrongUse, Usage);
        }

        if (ModuleVersion.Create(word[..at], word[(at + 1)..], out var reason) is not { } module)
        {
            return new AdminAnswer(ExitCodes.WrongUse, $"{reason}; {Usage}");
        }

        var account = await inquiry.LookAsync(module, mayAsk: true, cancellationToken);
        if (!account.IsKnown)
        {
            return new AdminAnswer(ExitCodes.CouldNot, $"nothing is known of {module}: this node does not hold it, and neither mirrored logs nor public proofs have it");
        }

        ReadOnlyMemory<byte> proof = default;
        if (request.Options.ContainsKey(ProvenanceCommand.ProofOption))
        {
            if (await inquiry.ProveOwnAsync(module, cancellationToken) is not { } own)
            {
                return new AdminAnswer(ExitCodes.CouldNot, $"there is no proof to write: {log.Problem ?? $"this node's log has no record of {module}"}");
            }

            proof = own.Format();
        }

        return new AdminAnswer(account.Verdict.IsRefused ? ExitCodes.SecurityFailure : ExitCodes.Done, Text(account), Json(account), proof);
    }

    private string Text(ModuleAccount account)
    {
        var text = new StringBuilder();
        var verdict = account.Verdict;
        var word = verdict.Outcome switch { TrustOutcome.Believed => "believed", TrustOutcome.Refused => "REFUSED", _ => "not believed" };
        text.Append(CultureInfo.InvariantCulture, $"module      {account.Module}\nverdict     {word}: {verdict.Why}\n");
        if (verdict.Believed is { } believed)
        {
            text.Append(CultureInfo.InvariantCulture, $"zip         {believed.Zip}\ngo.mod      {believed.Mod}\n");
        }

        text.Append(account.Proof is { } proof ? string.Create(CultureInfo.InvariantCulture, $"public      record {proof.Number} of {proof.Database}{Differs(proof.Hashes, verdict)}\n") : "public      no proof\n");
        if (account.Quarantine is { } quarantine)
        {
            text.Append("quarantine  ").Append(quarantine).Append('\n');
        }

        foreach (var incident in verdict.Incidents)
        {
            text.Append("incident    ").Append(incident).Append('\n');
        }

        text.Append("records     ");
        var rows = Rows(account).ToList();
        text.AppendJoin("\n            ", rows.Select(row => Line(row, rows, verdict)));
        return rows.Count == 0 ? text.Append("none").ToString() : text.ToString();
    }

    private static string Line(Row row, List<Row> rows, TrustVerdict verdict)
    {
        var (peer, org) = (rows.Max(one => one.Peer.Length), rows.Max(one => one.Org.Length));
        var how = row.IsVouched ? "vouched " : "observed";
        var trust = row.IsTrusted ? "" : " (not trusted)";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Peer.PadRight(peer)}  {row.Org.PadRight(org)}  {how}  {row.Time}  {row.Log}#{row.Number}{trust}{Differs(row.Hashes, verdict)}");
    }

    /// <summary>Other hashes than those that are believed; all of them when none are.</summary>
    private static string Differs(HashPair hashes, TrustVerdict verdict) => hashes == verdict.Believed ? "" : $"  {hashes}";

    private IEnumerable<Row> Rows(ModuleAccount account)
    {
        if (account.Own is { } own)
        {
            yield return new Row("this node", "-", own.IsVouched, true, TimeOf(own), log.Name, Number(account.OwnNumber), new HashPair(own.ZipHash, own.ModHash));
        }

        foreach (var record in account.Others.OrderBy(record => record.Org, StringComparer.Ordinal).ThenBy(record => record.Peer, StringComparer.Ordinal))
        {
            var org = record.Org.Length == 0 ? "-" : record.Org;
            yield return new Row(
                record.Peer, org, !record.IsObserved, record.IsTrusted, record.Text is { } text ? TimeOf(text) : "-", record.Log.Split('+')[0], Number(record.Number), record.Hashes);
        }
    }

    private JsonObject Json(ModuleAccount account) => new()
    {
        ["module"] = account.Module.Path,
        ["version"] = account.Module.Version,
        ["verdict"] = account.Verdict.Outcome.ToString(),
        ["step"] = account.Verdict.Step.ToString(),
        ["why"] = account.Verdict.Why,
        ["zip"] = account.Verdict.Believed?.Zip,
        ["mod"] = account.Verdict.Believed?.Mod,
        ["quarantine"] = account.Quarantine,
        ["incidents"] = new JsonArray([.. account.Verdict.Incidents.Select(incident => JsonValue.Create(incident.ToString()))]),
        ["public"] = account.Proof is { } proof
            ? new JsonObject { ["database"] = proof.Database, ["number"] = proof.Number, ["zip"] = proof.Hashes.Zip, ["mod"] = proof.Hashes.Mod }
            : null,
        ["records"] = new JsonArray([.. Rows(account).Select(row => new JsonObject
        {
            ["log"] = row.Log,
            ["number"] = row.Number,
            ["peer"] = row.Peer,
            ["org"] = row.Org == "-" ? "" : row.Org,
            ["trusted"] = row.IsTrusted,
            ["how"] = row.IsVouched ? "vouched" : "observed",
            ["time"] = row.Time,
            ["zip"] = row.Hashes.Zip,
            ["mod"] = row.Hashes.Mod,
        })]),
    };

    private static string TimeOf(ModuleRecord record) => record.Provenance.Split(' ')[0];

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "?";

    private sealed record Row(string Peer, string Org, bool IsVouched, bool IsTrusted, string Time, string Log, string Number, HashPair Hashes);
}
