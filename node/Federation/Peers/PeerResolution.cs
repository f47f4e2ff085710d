using System.Security.Cryptography;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>A trusted peer's answer to a query; its record and .info were checked.</summary>
internal sealed record PeerResolution(Peer Peer, ResolvedVersion Resolved)
{
    /// <summary>Ascending as <c>latest</c> prefers them: pseudo-versions, pre-releases, releases, each by version.</summary>
    public static readonly IComparer<PeerResolution> Ascending = Comparer<PeerResolution>.Create(static (left, right) =>
    {
        int order = Preference(left.Resolved.Version).CompareTo(Preference(right.Resolved.Version));
        return order != 0 ? order : SemanticVersion.Compare(left.Resolved.Version, right.Resolved.Version);
    });

    /// <summary>Null and the lie when the answer is none that an honest node gives.</summary>
    public static PeerResolution? Check(Peer peer, string path, Wire.ResolveResponse told, out string? lie)
    {
        lie = null;
        if (peer.Log is not { } log)
        {
            return null;
        }

        if (ModuleVersion.Create(path, told.Version, out lie) is not { } module
            || LocationCheck.Record(module, told.Record, log, out lie) is not { } record)
        {
            return null;
        }

        if (told.Info.Length != record.Info.Size
            || !string.Equals(Convert.ToHexStringLower(SHA256.HashData(told.Info.Span)), record.Info.Sha256, StringComparison.Ordinal))
        {
            lie = $"the .info of {module} is not the one in its record";
            return null;
        }

        return new PeerResolution(peer, new ResolvedVersion(module.Version, told.Info.Memory));
    }

    private static int Preference(string version) =>
        SemanticVersion.IsPseudo(version) ? 0 : SemanticVersion.Prerelease(version).Length > 0 ? 1 : 2;
}
