using Athens.Federation.Node.Cli;
using Athens.Federation.Node.Host;

return await AthensCommand.RunAsync(args, new NodeVerbs());
