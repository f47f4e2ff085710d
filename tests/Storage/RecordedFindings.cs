using Athens.Federation.Node.Storage;

namespace Athens.Federation.Tests.Storage;

/// <summary>Keeps what maintenance reports. It reports one at a time.</summary>
internal sealed class RecordedFindings : IProgress<StoreFinding>
{
    public List<StoreFinding> All { get; } = [];

    public void Report(StoreFinding value) => All.Add(value);

    public IEnumerable<string> Of(FindingKind kind) =>
        All.Where(finding => finding.Kind == kind).Select(finding => finding.Module?.ToString() ?? "").Order(StringComparer.Ordinal);
}
