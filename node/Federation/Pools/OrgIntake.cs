using System.Text;
using Athens.Federation.Node.Federation.Serving;
using Athens.Federation.Node.Provenance.Pool;
using Google.Protobuf;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// How much of what one organization tells of the pool this node goes into. Its key signs as fast as it likes and all its nodes may tell it; each new thing costs
/// here the check of a signature, writes on the disk, and peers that are looked for. What is good for nothing costs its sender, what is new costs whom it
/// is of, whoever brings it.
/// </summary>
internal sealed class OrgIntake(TimeProvider time)
{
    /// <summary>Statements of its own nodes that change something: twice those of the largest organization, at once.</summary>
    private const int Statements = 2 * StatementRule.MaxOfOrg;

    /// <summary>And then one in ten seconds: nodes move, and renew their statements, of two hundred a few in an hour.</summary>
    private const double StatementsPerSecond = 0.1;

    /// <summary>Messages, and what in them is good for nothing: the roots of years, or statements of the largest pool, at once; then few.</summary>
    private const int Messages = 2000;

    private const double MessagesPerSecond = 1;

    /// <summary>In messages. People are asked about each new proposal.</summary>
    private const int ProposalCost = 20;

    /// <summary>Bytes of the line that names the organization; its name has 64.</summary>
    private const int MaxLine = 80;

    // Guards the buckets: statements of an organization come from several.
    private readonly Lock gate = new();
    private readonly TokenBucket statements = new(StatementsPerSecond, Statements, time);
    private readonly TokenBucket messages = new(MessagesPerSecond, Messages, time);
    private int inside;

    /// <summary>One message at a time. Who waits for it holds no thread.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Messages that are looked at or wait for that.</summary>
    public int Inside => Volatile.Read(ref inside);

    public void Enter() => Interlocked.Increment(ref inside);

    public void Leave() => Interlocked.Decrement(ref inside);

    /// <summary>Whether a further message is looked at.</summary>
    public bool TryHear()
    {
        lock (gate)
        {
            return messages.TryTake(1, out _);
        }
    }

    /// <summary>Whether a further statement of one of its nodes is looked at.</summary>
    public bool HasRoom()
    {
        lock (gate)
        {
            return statements.TryTake(0, out _);
        }
    }

    /// <summary>A statement of one of its nodes has changed what is known.</summary>
    public void HasChanged()
    {
        lock (gate)
        {
            statements.Take(1);
        }
    }

    /// <summary>What became of a root or proposal that it told.</summary>
    public void HasTold(PoolTaken taken, bool isProposal) => Charge(taken.End switch
    {
        PoolEnd.Refused or PoolEnd.Conflict => 1,
        PoolEnd.Taken when isProposal => ProposalCost,
        _ => 0,
    });

    /// <summary>So much of what it told was good for nothing.</summary>
    public void Charge(int messagesWorth)
    {
        lock (gate)
        {
            messages.Take(messagesWorth);
        }
    }

    /// <summary>Of whose node a statement says that it is, before anything of it is checked; empty when it is none.</summary>
    public static string Claimed(ByteString statement)
    {
        // The third line of the text: header, pool, org (NodeStatement).
        ReadOnlySpan<byte> text = statement.Span;
        for (int line = 0; line < 2; line++)
        {
            text = text[(text.IndexOf((byte)'\n') + 1)..];
        }

        int end = text.IndexOf((byte)'\n');
        return end > 0 && text.StartsWith("org "u8) && end <= MaxLine ? Encoding.UTF8.GetString(text["org ".Length..end]) : "";
    }
}
