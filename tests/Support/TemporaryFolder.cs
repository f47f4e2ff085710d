namespace Athens.Federation.Tests.Support;

/// <summary>A folder of a test's own, removed at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder(string purpose = "test") =>
        Path = Directory.CreateTempSubdirectory($"athens-{purpose}-").FullName;

    public string Path { get; }

    /// <summary>A path inside; its parent folders are made.</summary>
    public string File(string relative)
    {
        string path = System.IO.Path.Combine(Path, relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>A folder inside, made when missing.</summary>
    public string Folder(string relative) =>
        Directory.CreateDirectory(System.IO.Path.Combine(Path, relative)).FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A child that is still going down may hold it: the system's own cleaning of its temp folder takes it.
        }
    }
}
