using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Simulator.Nodes;

/// <summary>Keys that are the same in every run of one seed: what nodes do depends on them (who goes upstream for a LAN, who is asked first).</summary>
internal static class NodeKeyFiles
{
    public static SigningKey Make(string name, int seed) =>
        SigningKey.FromSeed(name, SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed} {name}"))));

    /// <summary>Writes a node's keys where it looks for them, and opens them.</summary>
    public static NodeKeys Open(string folder, string name, int seed)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException();
        }

        string keys = Path.Combine(folder, "keys");
        Directory.CreateDirectory(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (string role in (string[])["identity", "log", "witness"])
        {
            using SigningKey key = Make($"{name}/{role}", seed);
            string path = Path.Combine(keys, role);
            File.WriteAllText(path, key.ExportText() + "\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return NodeKeys.Open(folder, name);
    }
}
