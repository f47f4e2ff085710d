using System.Text;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Cli;

/// <summary>What is done with an organization's key where it is kept: on a machine that need not have a node, nor a network.</summary>
internal static class OrgVerbs
{
    /// <summary>Signs a change of a pool, or a node's statement, in its file, after it was shown.</summary>
    /// <param name="path">What <c>athens pool change</c> or <c>athens pool statement</c> wrote.</param>
    /// <param name="keyPath">The key: what was keys/org in the data folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<int> SignAsync(string path, string keyPath, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= SignedNote.MaxLength })
            {
                return Fail($"{path} is not there, or longer than anything that is signed");
            }

            var file = await File.ReadAllBytesAsync(path, cancellationToken);
            var note = SignedNote.Parse(file, out _);
            var text = note?.Text ?? Encoding.UTF8.GetString(file);
            if (PoolRoot.Parse(text, out var noRoot) is null && NodeStatement.Parse(text, out var noStatement) is null)
            {
                return Fail($"{path} is neither a change of a pool ({noRoot}) nor a node's statement ({noStatement})");
            }

            using var key = KeyFile.OpenExisting(keyPath);
            await Console.Out.WriteAsync(text);
            var signed = SignedNote.Parse(SignedNote.Sign(text, key), out _)!;
            await File.WriteAllBytesAsync(path, (note?.With(signed.Signatures) ?? signed).ToBytes(), cancellationToken);
            await Console.Out.WriteLineAsync($"\nSigned with {key.Verifier}. On the node: athens pool accept {path}");
            return ExitCodes.Done;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Fail(error.Message);
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine("athens: " + message);
        return ExitCodes.CouldNot;
    }
}
