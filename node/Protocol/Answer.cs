using Athens.Federation.Node.Retrieval;
using Microsoft.Extensions.Primitives;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// An answer ready to be sent: status, header values in their final form, and the body as bytes or as an open file.
/// Immutable, so that one answer can be sent to many.
/// </summary>
internal sealed class Answer : IDisposable
{
    public required int Status { get; init; }

    /// <summary>One word for the log: <c>found</c>, <c>absent</c>, <c>forbidden</c> and so on.</summary>
    public required string Outcome { get; init; }

    /// <summary>The whole body, unless <see cref="File"/> is set.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>A body to be read from its handle; disposed with the answer, which is then for one request only.</summary>
    public StoredFile? File { get; init; }

    public long Length => File?.Length ?? Body.Length;

    public StringValues ContentType { get; init; }

    public StringValues CacheControl { get; init; }

    /// <summary>A strong validator in its quotes; empty when the body has none.</summary>
    public string ETag { get; init; } = "";

    public StringValues ETagHeader { get; init; }

    /// <summary>Whole seconds, UTC; null when the body has no date of its own.</summary>
    public DateTimeOffset? LastModified { get; init; }

    public StringValues LastModifiedHeader { get; init; }

    /// <summary>Where the body came from, as <c>X-Athens-Source</c> shows it; empty: not shown.</summary>
    public string Source { get; init; } = "";

    public string Module { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>A body that has a validator can be asked for in parts.</summary>
    public bool HasValidator => ETag.Length > 0;

    public void Dispose() => File?.Dispose();
}
