using System.Text;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>Bytes that are searched.</summary>
internal sealed class Haystack
{
    private readonly byte[] lower;

    /// <param name="name">For people.</param>
    /// <param name="bytes">All of them.</param>
    public Haystack(string name, ReadOnlyMemory<byte> bytes)
    {
        (Name, Bytes) = (name, bytes);
        lower = bytes.ToArray();
        foreach (ref var one in lower.AsSpan())
        {
            one = one is >= (byte)'A' and <= (byte)'Z' ? (byte)(one | 0x20) : one;
        }
    }

    public string Name { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Every file under a folder, also while a node has them open and locked; a socket has no content.</summary>
    public static async Task<IReadOnlyList<Haystack>> OfFolderAsync(string name, string folder)
    {
        using TemporaryFolder copy = new("haystack");
        (await ChildProcess.RunAsync("cp", ["-r", folder, copy.File("all")], copy.Path, GoClient.BareEnvironment, default)).OrFail();
        List<Haystack> all = [];
        foreach (var file in Directory.EnumerateFiles(copy.File("all"), "*", SearchOption.AllDirectories).Where(static file => !file.EndsWith(".sock", StringComparison.Ordinal)))
        {
            var relative = Path.GetRelativePath(copy.File("all"), file);
            all.Add(new Haystack($"{name}, {relative}", await File.ReadAllBytesAsync(file)));
            all.Add(new Haystack($"{name}, the name of {relative}", Encoding.UTF8.GetBytes(relative)));
        }

        return all;
    }

    public bool Has(Trace trace) => (trace.IsAnyCase ? lower : Bytes.Span).IndexOf(trace.Bytes) >= 0;

    /// <summary>What was found and where, one line for each.</summary>
    public static IReadOnlyList<string> Search(IEnumerable<Haystack> haystacks, IReadOnlyCollection<Trace> traces) =>
        [.. haystacks.AsParallel().SelectMany(hay => traces.Where(hay.Has).Select(trace => $"{trace.What} in {hay.Name}"))];
}
