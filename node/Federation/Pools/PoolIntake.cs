using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Pool;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Takes news of the pool from one peer. The book believes signatures only, so a peer that is behind or wrong does no harm; one that sends too much is
/// told so. Not thread safe.
/// </summary>
internal sealed class PoolIntake(PoolBook book, TimeProvider time)
{
    /// <summary>Messages at once: the roots of years, or statements of the largest pool; then few.</summary>
    private const int Burst = 2000;

    private const double PerSecond = 1;

    private readonly TokenBucket rate = new(PerSecond, Burst, time);

    /// <summary>Null when the news were looked at; else what about them breaks a bound of pool.proto.</summary>
    /// <exception cref="IOException">What is new cannot be kept.</exception>
    public string? Take(Wire.PoolNews news)
    {
        if (WhyTooMuch(news) is { } reason)
        {
            return reason;
        }

        if (!news.Root.IsEmpty)
        {
            book.TakeRoot(news.Root.Memory);
        }

        if (!news.Proposal.IsEmpty)
        {
            book.TakeProposal(news.Proposal.Memory);
        }

        foreach (ByteString statement in news.Statements)
        {
            book.TakeStatement(statement.Memory);
        }

        return null;
    }

    private string? WhyTooMuch(Wire.PoolNews news) =>
        !rate.TryTake(1, out _) ? "it sends news of the pool without an end"
        : news.Root.Length > PoolBounds.MaxRoot || news.Proposal.Length > PoolBounds.MaxRoot ? $"it sent a root of more than {PoolBounds.MaxRoot} bytes"
        : news.Statements.Count > PoolBounds.MaxStatements ? $"it sent more than {PoolBounds.MaxStatements} statements in one message"
        : news.Statements.Any(static statement => statement.Length > PoolBounds.MaxStatement) ? $"it sent a statement of more than {PoolBounds.MaxStatement} bytes"
        : null;
}
