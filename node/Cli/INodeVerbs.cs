namespace Athens.Federation.Node.Cli;

/// <summary>The flags that every verb takes; null where not given.</summary>
/// <param name="Config">The TOML file.</param>
/// <param name="Data">The data folder.</param>
/// <param name="Listen">HOST:PORT of the Go front.</param>
/// <param name="PeerListen">HOST:PORT for peers.</param>
/// <param name="Name">The node's name.</param>
internal sealed record NodeArguments(string? Config, string? Data, string? Listen, string? PeerListen, string? Name);

/// <summary>What the verbs of <c>athens</c> do, fulfilled by the host. Each returns an exit code and prints for a person.</summary>
internal interface INodeVerbs
{
    /// <summary>Runs the node until it is told to stop.</summary>
    Task<int> ServeAsync(NodeArguments arguments, CancellationToken cancellationToken);

    /// <summary>Lists every error of the configuration, or the values in force.</summary>
    int CheckConfiguration(NodeArguments arguments);

    /// <summary>Hashes every held file again and sets damaged ones aside.</summary>
    Task<int> VerifyStoreAsync(NodeArguments arguments, CancellationToken cancellationToken);

    /// <summary>Makes the database anew from the files under <c>download/</c>.</summary>
    Task<int> RebuildStoreAsync(NodeArguments arguments, CancellationToken cancellationToken);

    /// <summary>Takes over the complete module versions of a Go module cache.</summary>
    Task<int> ImportAsync(NodeArguments arguments, string folder, CancellationToken cancellationToken);

    /// <summary>Prints the public halves of the node's keys; makes the keys when they are missing.</summary>
    int ShowKeys(NodeArguments arguments);

    /// <summary>Prints the value of GOSUMDB with which <c>go</c> verifies against this node's own log.</summary>
    int ShowGoSumDb(NodeArguments arguments);

    /// <summary>Says whether the node's own log may be signed on; when it may not, ends it and begins a new one if told to.</summary>
    Task<int> RecoverLogAsync(NodeArguments arguments, bool beginAnew, CancellationToken cancellationToken);

    /// <summary>Gives the node's own log another key and name; both sign for so many days.</summary>
    Task<int> RotateLogKeyAsync(NodeArguments arguments, int days, CancellationToken cancellationToken);

    /// <summary>Finds the data folder, and with it the node that a verb is for.</summary>
    Task<int> OnRunningNodeAsync(NodeArguments arguments, Func<string, Task<int>> verb);

    /// <summary>Prints the versions of the node and of what it is built on.</summary>
    int ShowVersion();
}

/// <summary>Exit codes of <c>athens</c>; they do not change.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int CouldNot = 1;
    public const int WrongUse = 2;
    public const int SecurityFailure = 3;
}
