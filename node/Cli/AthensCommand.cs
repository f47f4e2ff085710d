namespace Athens.Federation.Node.Cli;

/// <summary>The verbs of the <c>athens</c> command.</summary>
internal static class AthensCommand
{
    public static Task<int> RunAsync(string[] args) => Task.FromResult(args.Length == 0 ? 0 : 2);
}
