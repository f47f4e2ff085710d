using Athens.Federation.Simulator.Clock;
using Athens.Federation.Simulator.Scenario;

// A whole pool in one process: the real rooms of the node over a simulated network and clock. See tools/simulate.
if (!Clockwork.IsPossible)
{
    Console.Error.WriteLine("Start this with tools/simulate: it needs a thread pool of one thread.");
    return 2;
}

if (SimulationOptions.Read(args, out string? reason) is not { } options)
{
    Console.Error.WriteLine(reason);
    return 2;
}

return Simulator.Run(options, Console.Out, Console.Error);
