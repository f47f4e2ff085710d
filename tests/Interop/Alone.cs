namespace Athens.Federation.Tests.Interop;

/// <summary>Tests that measure the memory of the process: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "memory measured";
}
