using System.Buffers;
using System.Diagnostics;

namespace OpenTelemetry.Exporter;

/// <summary>Cuts a batch into payloads, each a JSON array of spans no longer than the limit (or of one span).</summary>
internal sealed class SpanFeed : IDisposable
{
    private readonly IEnumerator<Activity> activities;
    private readonly SpanWriter writer;
    private readonly int limit;
    private readonly ArrayBufferWriter<byte> payload = new();
    private ReadOnlyMemory<byte> waiting;
    private Activity? next;

    public SpanFeed(IEnumerator<Activity> activities, SpanWriter writer, int limit)
    {
        this.activities = activities;
        this.writer = writer;
        this.limit = limit;
        Advance();
    }

    public bool HasMore => next is not null || !waiting.IsEmpty;

    /// <summary>The next payload; it stays valid until the next call.</summary>
    public ReadOnlyMemory<byte> NextPayload()
    {
        payload.ResetWrittenCount();
        Put("["u8);
        if (!waiting.IsEmpty)
        {
            Put(waiting.Span);
            waiting = default;
        }

        while (next is not null)
        {
            var span = writer.Write(next);
            Advance();
            if (payload.WrittenCount > 1 && payload.WrittenCount + span.Length + ",]".Length > limit)
            {
                // Valid until the writer is used again, which is after this has been taken over.
                waiting = span;
                break;
            }

            if (payload.WrittenCount > 1)
            {
                Put(","u8);
            }

            Put(span.Span);
        }

        Put("]"u8);
        return payload.WrittenMemory;
    }

    public void Dispose() => activities.Dispose();

    private void Advance()
    {
        next = null;
        while (next is null && activities.MoveNext())
        {
            // Only ids of the W3C form can be told to Zipkin.
            next = activities.Current.IdFormat == ActivityIdFormat.W3C ? activities.Current : null;
        }
    }

    private void Put(ReadOnlySpan<byte> bytes) => payload.Write(bytes);
}
