using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Athens.Federation.Node.Telemetry;

/// <summary>UTF-8 text that grows; reused from line to line.</summary>
internal sealed class Utf8Text : IBufferWriter<byte>
{
    /// <summary>Larger buffers are given back after the line that needed them: few lines have a long stack trace.</summary>
    private const int KeptSize = 32 << 10;

    private byte[] bytes = new byte[1024];
    private int length;

    public int Length => length;

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

    public void Clear()
    {
        length = 0;
        if (bytes.Length > KeptSize)
        {
            bytes = new byte[1024];
        }
    }

    public void Truncate(int newLength) => length = newLength;

    public void Advance(int count) => length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return bytes.AsMemory(length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return bytes.AsSpan(length);
    }

    public void Append(ReadOnlySpan<byte> text)
    {
        Grow(text.Length);
        text.CopyTo(bytes.AsSpan(length));
        length += text.Length;
    }

    /// <summary>Appends UTF-16 text; a lone surrogate becomes U+FFFD.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        Grow(text.Length * 3);
        Utf8.FromUtf16(text, bytes.AsSpan(length), out _, out var written, replaceInvalidSequences: true);
        length += written;
    }

    private void Grow(int room)
    {
        if (bytes.Length - length < room)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + room));
        }
    }
}

/// <summary>What one thread needs to write a line, kept by the thread.</summary>
internal sealed class LogLine
{
    /// <summary>More fields than any log method of ours has; further ones are left out.</summary>
    public const int MaxFields = 32;

    [ThreadStatic]
    private static LogLine? kept;

    private readonly KeyValuePair<string, object?>[] fields = new KeyValuePair<string, object?>[MaxFields];
    private int fieldCount;

    private LogLine() => Json = new Utf8JsonWriter(Text, new JsonWriterOptions
    {
        // Log lines are read by JSON parsers, not put into pages: only what JSON demands is escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    });

    /// <summary>The line.</summary>
    public Utf8Text Text { get; } = new();

    /// <summary>For a part that has to be whole before it can be escaped.</summary>
    public Utf8Text Scratch { get; } = new();

    /// <summary>Writes to <see cref="Text"/>.</summary>
    public Utf8JsonWriter Json { get; }

    public ReadOnlySpan<KeyValuePair<string, object?>> Fields => fields.AsSpan(0, fieldCount);

    /// <summary>A value that logs while it is being written takes another: nothing is shared while in use.</summary>
    public static LogLine Rent()
    {
        var line = kept ?? new LogLine();
        kept = null;
        return line;
    }

    public void Return()
    {
        Text.Clear();
        Scratch.Clear();
        fields.AsSpan(0, fieldCount).Clear();
        fieldCount = 0;
        kept = this;
    }

    public void ReadFields<TState>(TState state) => fieldCount = LogStateReader<TState>.Shared.Read(state, fields);
}
