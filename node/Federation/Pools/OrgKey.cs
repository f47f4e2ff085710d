using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>The organization's key, where it is kept on this node. Read for each signature, so that it can be taken away while the node runs.</summary>
/// <param name="dataFolder">The node's.</param>
internal sealed class OrgKey(string dataFolder)
{
    /// <summary>Null when it is kept elsewhere. To be disposed of.</summary>
    /// <exception cref="IOException">It is there and cannot be used.</exception>
    public SigningKey? Find() => OrgKeyFile.Find(dataFolder);

    /// <summary>The one that is there, or a new one. To be disposed of.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public SigningKey FindOrCreate(string org) => Find() ?? OrgKeyFile.Create(dataFolder, org);

    /// <summary>The one that is to take its place, made when there is none. To be disposed of.</summary>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public SigningKey Stage(string org) => OrgKeyFile.Stage(dataFolder, org);

    /// <summary>Puts the staged key in force once the pool's root has it.</summary>
    /// <exception cref="IOException">A file cannot be moved.</exception>
    public void PromoteWhenIn(PoolRoot root)
    {
        using SigningKey? next = OrgKeyFile.FindNext(dataFolder);
        if (next is not null && root.Orgs.Any(org => org.Key.Equals(next.Verifier)))
        {
            OrgKeyFile.Promote(dataFolder);
        }
    }
}
