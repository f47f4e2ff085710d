using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Provenance.PublicDatabases;

/// <summary>Where a checksum database is asked. Nothing that it says is believed before it is verified.</summary>
internal interface IDatabaseSource
{
    /// <summary>Asks once. Never throws for what the network or the other side does.</summary>
    /// <param name="resource">Below the database's address: <c>lookup/…</c>, <c>tile/8/…</c>, <c>latest</c>.</param>
    /// <param name="maxLength">Bytes; a longer answer is <see cref="SourceAnswerKind.Failed"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<SourceAnswer> GetAsync(string resource, int maxLength, CancellationToken cancellationToken);
}

internal enum SourceAnswerKind
{
    /// <summary>It answered; the body is whole.</summary>
    Found,

    /// <summary>It says that there is no such thing (404, 410).</summary>
    Absent,

    /// <summary>It could not be asked, or answered with anything else.</summary>
    Failed,
}

/// <param name="Kind">How it ended.</param>
/// <param name="Body">When found.</param>
/// <param name="Reason">Otherwise: plain words for the developer's terminal.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SourceAnswer(SourceAnswerKind Kind, ReadOnlyMemory<byte> Body, string Reason)
{
    public static SourceAnswer Found(ReadOnlyMemory<byte> body) => new(SourceAnswerKind.Found, body, "");

    public static SourceAnswer Absent(string reason) => new(SourceAnswerKind.Absent, default, reason);

    public static SourceAnswer Failed(string reason) => new(SourceAnswerKind.Failed, default, reason);
}
