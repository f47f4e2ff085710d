using Athens.Federation.Node.Federation.Peers;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Tests.Federation.Peers;

/// <summary>Everything that a peer may say of a module version that it holds, honest and not.</summary>
public sealed class LocationCheckTests : IDisposable
{
    private static readonly ModuleVersion Module = ModuleVersion.Create("example.com/a", "v1.0.0", out _)!;
    private readonly TwinPeer twin = new("honest");
    private readonly TwinPeer other = new("other");

    [Theory]
    [InlineData(1)]
    [InlineData((8 << 20) - 1)]
    [InlineData(8 << 20)]
    [InlineData((100 << 20) + 1)]
    public void An_honest_answer_is_believed(int zipSize)
    {
        Wire.Location location = twin.Hold(Module, zipSize: zipSize);
        ModuleRecord? record = LocationCheck.Examine(Module, location, twin.Log, out string? lie);
        Assert.Null(lie);
        Assert.Equal(TwinPeer.Record(Module, "genuine", zipSize), record);
    }

    [Fact]
    public void Every_contradiction_is_a_lie_with_its_evidence()
    {
        ModuleRecord record = TwinPeer.Record(Module, "genuine", 9 << 20);
        ModuleRecord elsewhere = TwinPeer.Record(ModuleVersion.Create("example.com/b", "v1.0.0", out _)!, "genuine", 9 << 20);
        Wire.Location good = twin.Location(record);
        Lie("not signed by the log", other.Location(record));
        Lie("record of example.com/b@v1.0.0", twin.Location(elsewhere));
        Lie("another SHA-256", good, location => location.ZipSha256 = ByteString.CopyFrom(new byte[32]));
        Lie("another SHA-256", good, location => location.ZipSha256 = ByteString.Empty);
        Lie("other sizes", good, location => location.ZipSize++);
        Lie("other sizes", good, location => location.ZipSize = ulong.MaxValue);
        Lie("other sizes", good, location => location.InfoSize--);
        Lie("chunk hashes", good, location => location.Chunks = ByteString.Empty);
        Lie("chunk hashes", good, location => location.Chunks = ByteString.CopyFrom(location.Chunks.Span[..^32]));
        Lie("chunk hashes", good, location => location.Chunks = ByteString.CopyFrom(new byte[location.Chunks.Length]));
        Lie("chunk hashes", twin.Hold(Module), location => location.Chunks = ByteString.CopyFrom(new byte[32]));
        Lie("note", good, location => location.Record = ByteString.CopyFromUtf8("no note"));
        Lie("bytes", good, location => location.Record = ByteString.CopyFrom(new byte[(16 << 10) + 1]));
        Lie("not signed by the log", good, location =>
            location.Record = ByteString.CopyFromUtf8(location.Record.ToStringUtf8().Replace("zip sha256:", "zip sha256:0", StringComparison.Ordinal)));
    }

    public void Dispose()
    {
        twin.Dispose();
        other.Dispose();
    }

    private void Lie(string expected, Wire.Location honest, Action<Wire.Location>? spoil = null)
    {
        Wire.Location location = honest.Clone();
        spoil?.Invoke(location);
        Assert.Null(LocationCheck.Examine(Module, location, twin.Log, out string? lie));
        Assert.Contains(expected, lie, StringComparison.Ordinal);
        Assert.True(lie!.Length < 3000);
    }
}
