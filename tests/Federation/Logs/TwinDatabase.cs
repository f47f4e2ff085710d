using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Federation.Logs;

/// <summary>The own log's checksum database, which answers as a test says.</summary>
internal sealed class TwinDatabase(string name) : IChecksumDatabase
{
    public string Name => name;

    /// <summary>What was looked up.</summary>
    public List<ModuleVersion> Asked { get; } = [];

    public Outcome<ChecksumAnswer> Answer { get; set; } = Outcome<ChecksumAnswer>.Absent("nobody has it");

    public ValueTask<Outcome<ChecksumAnswer>> LookupAsync(ModuleVersion module, CancellationToken cancellationToken)
    {
        Asked.Add(module);
        return ValueTask.FromResult(Answer);
    }

    public ValueTask<Outcome<ChecksumAnswer>> ReadAsync(string resource, CancellationToken cancellationToken) => throw new NotSupportedException();
}
