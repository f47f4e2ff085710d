using System.CommandLine;
using System.CommandLine.Parsing;
using Athens.Federation.Node.Cli.Admin;

namespace Athens.Federation.Node.Cli;

/// <summary>The verbs and flags of the <c>athens</c> command, and how they are spelled.</summary>
internal sealed class AthensCommand
{
    private readonly INodeVerbs verbs;
    private readonly Option<string?> config = new("--config") { Description = "the TOML file [peers.toml, when there is one]", HelpName = "FILE" };
    private readonly Option<string?> data = new("--data") { Description = "the data folder [~/.local/share/athens]", HelpName = "DIR" };
    private readonly Option<string?> listen = new("--listen") { Description = "where `go` asks [127.0.0.1:3000]; an empty host means everywhere", HelpName = "HOST:PORT" };
    private readonly Option<string?> peerListen = new("--peer-listen") { Description = "where peers ask, such as :3443 [nowhere]", HelpName = "HOST:PORT" };
    private readonly Option<string?> name = new("--name") { Description = "the node's name [the host's]", HelpName = "NAME" };

    private AthensCommand(INodeVerbs verbs) => this.verbs = verbs;

    /// <summary>Runs one verb and returns the process's exit code.</summary>
    public static async Task<int> RunAsync(string[] args, INodeVerbs verbs)
    {
        var parsed = new AthensCommand(verbs).Build().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"athens: {error.Message}");
            }

            await Console.Error.WriteLineAsync($"athens: `{Typed(parsed)} --help` lists the verbs and their flags");
            return ExitCodes.WrongUse;
        }

        return await parsed.InvokeAsync();
    }

    /// <summary>The part of what was typed that was understood, such as <c>athens pool</c>.</summary>
    private static string Typed(ParseResult parsed)
    {
        List<string> words = [];
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } one; at = at.Parent)
        {
            words.Insert(0, one.Command.Name);
        }

        return string.Join(' ', words.Prepend("athens"));
    }

    private RootCommand Build() => new("A federated Go module proxy node.")
    {
        Verb("serve", "Run the node.", (arguments, _, cancellationToken) => verbs.ServeAsync(arguments, cancellationToken)),
        new Command("config", "The configuration.")
        {
            Verb("check", "List every error of the configuration, or the values in force.", (arguments, _, _) => Task.FromResult(verbs.CheckConfiguration(arguments))),
        },
        StoreVerbs(),
        KeyCommand(),
        LogVerbs(),
        NodeCommand("incident", "Proven disagreements, and what is in quarantine because of them, while the node runs.", IncidentCommand.Verbs),
        NodeCommand("pool", "The pool of organizations that this node is a member of, while the node runs.", PoolCommand.Verbs),
        OrgCommand(),
        PeersCommand(),
        EvidenceCommand(),
        OnNode(ProvenanceCommand.Provenance),
        OnNode(ProvenanceCommand.Verify),
        Version(),
    };

    private Command KeyCommand()
    {
        var days = new Option<int>("--days") { Description = "how long both keys sign, 0 to 365 [30]; 0 when others have the present key", HelpName = "N", DefaultValueFactory = _ => 30 };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 365)
            {
                result.AddError("--days is from 0 to 365");
            }
        });
        var rotate = Verb(
            "rotate",
            "Give the log another key and name, while the node is stopped. It stays one log, and for some days both lines of GOSUMDB verify.",
            (arguments, parsed, cancellationToken) => verbs.RotateLogKeyAsync(arguments, parsed.GetValue(days), cancellationToken));
        rotate.Options.Add(days);
        return new Command("key", "The node's own keys.")
        {
            Verb(
                "show",
                "Print the public keys: identity (the `key` of this node's [[peer]] in other nodes' peers.toml), log, witness. Made when missing.",
                (arguments, _, _) => Task.FromResult(verbs.ShowKeys(arguments))),
            Verb(
                "gosumdb",
                "Print the value of GOSUMDB with which `go` verifies against this node's own log, through GOPROXY alone.",
                (arguments, _, _) => Task.FromResult(verbs.ShowGoSumDb(arguments))),
            rotate,
            OnNode(KeyCommands.Revoke),
        };
    }

    private Command StoreVerbs()
    {
        var from = new Argument<string>("FOLDER") { Description = "a Go module cache (`go env GOMODCACHE`) or another node's download folder" };
        var import = Verb("import", "Take over the complete module versions of a Go module cache.", (arguments, parsed, cancellationToken) => verbs.ImportAsync(arguments, parsed.GetRequiredValue(from), cancellationToken));
        import.Arguments.Add(from);
        return new Command("store", "The store of held modules, while the node is stopped.")
        {
            Verb("verify", "Hash every held file again; set damaged ones aside.", (arguments, _, cancellationToken) => verbs.VerifyStoreAsync(arguments, cancellationToken)),
            Verb("rebuild", "Make the database anew from the files.", (arguments, _, cancellationToken) => verbs.RebuildStoreAsync(arguments, cancellationToken)),
            import,
        };
    }

    private Command LogVerbs()
    {
        var anew = new Option<bool>("--begin-anew") { Description = "when it may not: end it, keep it as evidence, and begin a new one under a new name and key" };
        var recover = Verb(
            "recover",
            "Say whether the log may be signed on, and what can be done when it may not, as after a restore from a backup.",
            (arguments, parsed, cancellationToken) => verbs.RecoverLogAsync(arguments, parsed.GetValue(anew), cancellationToken));
        recover.Options.Add(anew);
        return new Command("log", "The node's own log of records, while the node is stopped.") { recover };
    }

    /// <summary>Verbs that the running node of the data folder carries out.</summary>
    private Command NodeCommand(string noun, string description, IEnumerable<NodeVerb> nodeVerbs)
    {
        var command = new Command(noun, description);
        foreach (var nodeVerb in nodeVerbs)
        {
            command.Subcommands.Add(OnNode(nodeVerb));
        }

        return command;
    }

    /// <summary>The list is the command itself.</summary>
    private Command PeersCommand()
    {
        var command = OnNode(Admin.PeersCommand.List);
        foreach (var nodeVerb in Admin.PeersCommand.Verbs)
        {
            command.Subcommands.Add(OnNode(nodeVerb));
        }

        return command;
    }

    private Command OnNode(NodeVerb nodeVerb)
    {
        var command = Verb(
            nodeVerb.Name.Split(' ')[^1],
            nodeVerb.Description,
            (arguments, parsed, cancellationToken) => verbs.OnRunningNodeAsync(arguments, data => nodeVerb.RunAsync(data, parsed, cancellationToken)));
        if (nodeVerb.Options.Any(option => option.Name == name.Name))
        {
            // What it names is not this node.
            command.Options.Remove(name);
        }

        nodeVerb.AddTo(command);
        return command;
    }

    private static Command OrgCommand()
    {
        var file = new Argument<string>("FILE") { Description = "what athens pool change or athens pool statement wrote" };
        var key = new Option<string>("--key") { Description = "the organization's key: keys/org of the data folder, or where it was moved to", HelpName = "FILE", Required = true };
        var sign = new Command("sign", "Show a change of a pool, or a node's statement, and sign it for the organization; needs no node and no network.") { file, key };
        sign.SetAction((parsed, cancellationToken) => OrgVerbs.SignAsync(parsed.GetRequiredValue(file), parsed.GetRequiredValue(key), cancellationToken));
        return new Command("org", "An organization's key, kept away from its nodes.") { sign };
    }

    private static Command EvidenceCommand()
    {
        var file = new Argument<string>("FILE") { Description = "such as <data>/evidence/incidents/ID.txt, of this node or of another" };
        var verify = new Command("verify", "Say what the file proves, by nothing but the file; needs no node. Exit code 3: it proves nothing.") { file };
        verify.SetAction((parsed, cancellationToken) => EvidenceVerbs.VerifyAsync(parsed.GetRequiredValue(file), cancellationToken));
        return new Command("evidence", "Evidence of incidents.") { verify };
    }

    private Command Version()
    {
        var version = new Command("version", "Show the versions of the node and of what it is built on.");
        version.SetAction(_ => verbs.ShowVersion());
        return version;
    }

    private Command Verb(string verb, string description, Func<NodeArguments, ParseResult, CancellationToken, Task<int>> run)
    {
        var command = new Command(verb, description) { config, data, listen, peerListen, name };
        command.SetAction((parsed, cancellationToken) => run(
            new NodeArguments(parsed.GetValue(config), parsed.GetValue(data), parsed.GetValue(listen), parsed.GetValue(peerListen), parsed.GetValue(name)),
            parsed,
            cancellationToken));
        return command;
    }
}
