using System.Collections;
using System.Globalization;
using System.Text;

namespace Athens.Federation.Node.Telemetry;

/// <summary>Values of log fields as text, each of a bounded length.</summary>
internal static class LogValue
{
    /// <summary>Longer values are cut, with an ellipsis: a hostile request path can have 8 KB, an honest one has under 300.</summary>
    public const int MaxLength = 1024;

    /// <summary>Of a stack trace or another text that only the node itself makes.</summary>
    public const int MaxLongLength = 16 << 10;

    private const int MaxItems = 20;

    /// <summary>Appends the value as plain text, nothing escaped.</summary>
    public static void Write(Utf8Text text, object? value, string? format)
    {
        switch (value)
        {
            case null:
                text.Append("(null)"u8);
                break;
            case string s:
                WriteText(text, s, MaxLength);
                break;
            case IUtf8SpanFormattable formattable when TryFormat(text, formattable, format):
                break;
            case IEnumerable items and not IFormattable:
                WriteItems(text, items);
                break;
            default:
                WriteText(text, ToText(value, format), MaxLength);
                break;
        }
    }

    public static void WriteText(Utf8Text text, string value, int limit)
    {
        text.Append(value.AsSpan(0, Math.Min(value.Length, limit)));
        if (value.Length > limit)
        {
            text.Append("…"u8);
        }
    }

    /// <summary>The value's own text; a value whose text cannot be made must not fail the code that logs it.</summary>
    public static string ToText(object value, string? format)
    {
        try
        {
            return value is IFormattable formattable
                ? formattable.ToString(format, CultureInfo.InvariantCulture)
                : value.ToString() ?? "";
        }
        catch (Exception e)
        {
            return $"({value.GetType().Name} without text: {e.GetType().Name})";
        }
    }

    private static bool TryFormat(Utf8Text text, IUtf8SpanFormattable value, string? format)
    {
        try
        {
            const int enoughForNumbersAndTimes = 128;
            var room = text.GetSpan(enoughForNumbersAndTimes);
            if (!value.TryFormat(room, out var written, format, CultureInfo.InvariantCulture))
            {
                return false;
            }

            text.Advance(written);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static void WriteItems(Utf8Text text, IEnumerable items)
    {
        try
        {
            var count = 0;
            foreach (var item in items)
            {
                if (count++ > 0)
                {
                    text.Append(", "u8);
                }

                if (count > MaxItems)
                {
                    text.Append("…"u8);
                    return;
                }

                WriteText(text, item is null ? "(null)" : ToText(item, null), MaxLength / MaxItems);
            }
        }
        catch (Exception e)
        {
            WriteText(text, $"(broken off: {e.GetType().Name})", MaxLength);
        }
    }
}
