using Athens.Federation.Node.Cli;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Node.Host;

/// <summary>Fulfils the verbs: loads the configuration, then hands over to the room that does the work.</summary>
internal sealed class NodeVerbs : INodeVerbs
{
    public async Task<int> ServeAsync(NodeArguments arguments, CancellationToken cancellationToken)
    {
        var source = Source(arguments);
        var stamp = source.Stamp();
        var loaded = source.Load();
        if (loaded.Configuration is not { } configuration)
        {
            return Report(loaded.Errors);
        }

        try
        {
            using var keys = OpenKeys(configuration);
            if (OwnKey.ErrorsIn(loaded, PeerKey.Of(keys.Identity.PublicKey.Span)) is { Count: > 0 } errors)
            {
                return Report(errors);
            }

            await using var node = await NodeHost.StartAsync(new RunningConfiguration(loaded, source, stamp), keys, cancellationToken);
            Announce(node, configuration);
            await node.WaitForShutdownAsync(cancellationToken);
            node.Logger.Stopping(configuration.Node.Name);
            return ExitCodes.Done;
        }
        catch (IOException error)
        {
            // A data folder or an address that cannot be used: the message says which and what to do.
            return Fail(error.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Done;
        }
    }

    public int CheckConfiguration(NodeArguments arguments)
    {
        var loaded = Load(arguments);
        if (loaded.Configuration is null)
        {
            return Report(loaded.Errors);
        }

        foreach (var line in loaded.Describe())
        {
            Console.Out.WriteLine(line);
        }

        return ExitCodes.Done;
    }

    public Task<int> VerifyStoreAsync(NodeArguments arguments, CancellationToken cancellationToken) =>
        MaintainAsync(arguments, (store, _) => StoreVerbs.VerifyAsync(store, cancellationToken));

    public Task<int> RebuildStoreAsync(NodeArguments arguments, CancellationToken cancellationToken) =>
        MaintainAsync(arguments, (store, _) => StoreVerbs.RebuildAsync(store, cancellationToken));

    public Task<int> ImportAsync(NodeArguments arguments, string folder, CancellationToken cancellationToken) =>
        MaintainAsync(arguments, (store, minFree) => StoreVerbs.ImportAsync(store, folder, minFree, cancellationToken));

    public Task<int> RecoverLogAsync(NodeArguments arguments, bool beginAnew, CancellationToken cancellationToken) => OnDataAsync(arguments, configuration =>
        IsLogKept(configuration)
            ? new LogVerbs(configuration.Node.Data, configuration.Node.Name).RecoverAsync(beginAnew, cancellationToken)
            : Task.FromResult(Fail("there is nothing to recover: with [storage] kind = \"memory\" the log ends with the process")));

    public Task<int> RotateLogKeyAsync(NodeArguments arguments, int days, CancellationToken cancellationToken) => OnDataAsync(arguments, configuration =>
        IsLogKept(configuration)
            ? new LogVerbs(configuration.Node.Data, configuration.Node.Name).RotateAsync(days, cancellationToken)
            : Task.FromResult(Fail("there is nothing to rotate: with [storage] kind = \"memory\" the log and its key end with the process")));

    public Task<int> OnRunningNodeAsync(NodeArguments arguments, Func<string, Task<int>> verb) => OnDataAsync(arguments, configuration => verb(configuration.Node.Data));

    public int ShowKeys(NodeArguments arguments) => WithKeys(arguments, KeyVerbs.Show);

    public int ShowGoSumDb(NodeArguments arguments) => WithKeys(arguments, KeyVerbs.ShowGoSumDb);

    public int ShowVersion()
    {
        foreach (var line in BuiltOn.Describe())
        {
            Console.Out.WriteLine(line);
        }

        return ExitCodes.Done;
    }

    /// <summary>
    /// The line to paste stands alone, whatever the log's level. It goes where the log does not when that is read by
    /// machines: every line of such a log is one JSON object.
    /// </summary>
    private static void Announce(NodeHost node, NodeConfiguration configuration)
    {
        var address = ListenAddress.Pasteable(node.Address);
        node.Logger.Started(configuration.Node.Name, node.Address.Authority, configuration.Node.Data);
        var terminal = configuration.Telemetry.LogFormat == LogFormat.Json ? Console.Error : Console.Out;
        terminal.WriteLine($"export GOPROXY={address.GetLeftPart(UriPartial.Authority)}");
        terminal.Flush();
    }

    private static bool IsLogKept(NodeConfiguration configuration) => configuration.Storage.Kind == StorageKind.Disk;

    private static NodeKeys OpenKeys(NodeConfiguration configuration) =>
        NodeKeys.Open(configuration.Node.Data, configuration.Node.Name, IsLogKept(configuration));

    private static int WithKeys(NodeArguments arguments, Func<NodeKeys, bool, int> verb)
    {
        var loaded = Load(arguments);
        if (loaded.Configuration is not { } configuration)
        {
            return Report(loaded.Errors);
        }

        try
        {
            using var keys = OpenKeys(configuration);
            return verb(keys, IsLogKept(configuration));
        }
        catch (IOException error)
        {
            return Fail(error.Message);
        }
    }

    private static Task<int> MaintainAsync(NodeArguments arguments, Func<StoreMaintenance, long, Task<int>> verb) => OnDataAsync(arguments, async configuration =>
    {
        using var logging = LoggerFactory.Create(builder => builder.AddAthensLogging(configuration.Telemetry with { LogLevel = LogLevel.Warning }));
        return await verb(new StoreMaintenance(configuration.Node.Data, TimeProvider.System, logging), configuration.Storage.MinFree);
    });

    private static async Task<int> OnDataAsync(NodeArguments arguments, Func<NodeConfiguration, Task<int>> verb)
    {
        var loaded = Load(arguments);
        if (loaded.Configuration is not { } configuration)
        {
            return Report(loaded.Errors);
        }

        try
        {
            return await verb(configuration);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Fail(error.Message);
        }
        catch (OperationCanceledException)
        {
            return Fail("stopped; what was done so far stays done, run the command again for the rest");
        }
    }

    private static ConfigurationSource Source(NodeArguments arguments) => ConfigurationSource.OfProcess(
        arguments.Config, new ConfigurationFlags(arguments.Data, arguments.Listen, arguments.Name, arguments.PeerListen));

    private static ConfigurationResult Load(NodeArguments arguments) => Source(arguments).Load();

    private static int Report(IReadOnlyList<ConfigurationError> errors)
    {
        foreach (var error in errors)
        {
            Console.Error.WriteLine(error.ToString());
        }

        Console.Error.WriteLine($"athens: {errors.Count} {(errors.Count == 1 ? "error" : "errors")} in the configuration; peers.sample.toml shows every key");
        return ExitCodes.WrongUse;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine("athens: " + message);
        return ExitCodes.CouldNot;
    }
}
