using System.Security.Cryptography;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>Writes incidents of checksum databases to <c>&lt;data&gt;/evidence/sumdb</c>, each once, for a person to look at.</summary>
internal sealed class DatabaseEvidence(string dataFolder)
{
    /// <summary>Files: a hostile source can make up a new incident with every answer, and must not fill the disk.</summary>
    public const int MaxKept = 100;

    /// <summary>Hex digits of the content's SHA-256 in a file's name, so that what happens again is not written again.</summary>
    private const int NameDigits = 16;

    private readonly string folder = Path.Combine(dataFolder, "evidence", "sumdb");

    /// <summary>The file that has the incident, or what became of it, for the log.</summary>
    public string Keep(DatabaseIncident incident)
    {
        var json = incident.ToJson();
        var name = $"{incident.Fault.ToString().ToLowerInvariant()}-{Convert.ToHexStringLower(SHA256.HashData(json))[..NameDigits]}.json";
        var path = Path.Combine(folder, name);
        try
        {
            DurableFile.CreateFolder(folder);
            if (File.Exists(path))
            {
                return path;
            }

            if (Directory.EnumerateFiles(folder).Count() >= MaxKept)
            {
                return $"not kept, {folder} has {MaxKept} files";
            }

            DurableFile.TryCreate(path, json);
            DurableFile.Sync(folder);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"not kept, {error.Message}";
        }
    }
}
