using Athens.Federation.Node.Cli;

return await AthensCommand.RunAsync(args);
