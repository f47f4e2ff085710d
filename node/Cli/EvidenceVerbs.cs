using Athens.Federation.Node.Provenance.Incidents;

namespace Athens.Federation.Node.Cli;

/// <summary>Looks at evidence for a person, by nothing but the file: no node, no network.</summary>
internal static class EvidenceVerbs
{
    /// <summary>Exit code 0: it proves what it says. 3: it proves nothing, or was changed. 2: it cannot be read.</summary>
    public static async Task<int> VerifyAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReadAsync(path, cancellationToken) is { } file)
            {
                return Tell(path, file);
            }

            await Console.Error.WriteLineAsync($"athens: {path} is longer than {EvidenceVerifier.MaxFile} bytes: it is no evidence of a node");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync("athens: " + error.Message);
        }

        return ExitCodes.WrongUse;
    }

    private static int Tell(string path, byte[] file)
    {
        if (EvidenceFile.Verify(file, out var isReadable, out var reason) is not { } finding)
        {
            Console.Error.WriteLine($"athens: {path} proves nothing: {reason}");
            return isReadable ? ExitCodes.SecurityFailure : ExitCodes.WrongUse;
        }

        Console.Out.WriteLine(finding.Kind == EvidenceKind.MovedTag ? $"testimony: {finding.Sentence}" : $"proven: {finding.Sentence}");
        Console.Out.WriteLine($"kind     {finding.Kind.Name()}");
        Console.Out.WriteLine($"against  {finding.Subject}");
        foreach (var key in finding.Keys)
        {
            Console.Out.WriteLine($"by key   {key}");
        }

        Console.Out.WriteLine("Compare the keys with those that their owners publish (athens key show): the file cannot say whose they are.");
        return ExitCodes.Done;
    }

    /// <summary>Null when it is longer than any evidence.</summary>
    private static async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var bytes = new byte[EvidenceVerifier.MaxFile + 1];
        var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return length > EvidenceVerifier.MaxFile ? null : bytes[..length];
    }
}
