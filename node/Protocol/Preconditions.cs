using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Primitives;

namespace Athens.Federation.Node.Protocol;

/// <summary>What is to be sent of an answer: the status, and which bytes of the body.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Selection(int Status, long Offset, long Length);

/// <summary>Conditional and range requests, in the order of RFC 9110 section 13.2.2.</summary>
internal static class Preconditions
{
    /// <summary>True when none of the headers is there, as for nearly every request of <c>go</c>.</summary>
    public static bool Unconditional(IHeaderDictionary headers) =>
        headers.Range.Count == 0
        && headers.IfNoneMatch.Count == 0
        && headers.IfModifiedSince.Count == 0
        && headers.IfMatch.Count == 0
        && headers.IfUnmodifiedSince.Count == 0;

    public static Selection Evaluate(IHeaderDictionary headers, Answer answer, bool isHead)
    {
        var whole = new Selection(StatusCodes.Status200OK, 0, answer.Length);
        if (!answer.HasValidator)
        {
            return whole;
        }

        if (Fails(headers, answer))
        {
            return new Selection(StatusCodes.Status412PreconditionFailed, 0, 0);
        }

        if (IsFresh(headers, answer))
        {
            return new Selection(StatusCodes.Status304NotModified, 0, 0);
        }

        // RFC 9110 section 14.2: Range has a meaning for GET only.
        if (isHead || headers.Range.Count != 1 || !AllowsRange(headers.IfRange, answer))
        {
            return whole;
        }

        return SelectRange(headers.Range.ToString(), answer.Length) ?? whole;
    }

    private static bool Fails(IHeaderDictionary headers, Answer answer)
    {
        if (headers.IfMatch.Count > 0)
        {
            return !Names(headers.IfMatch, answer.ETag, weak: false);
        }

        return answer.LastModified is { } modified
            && TryDate(headers.IfUnmodifiedSince, out var since)
            && modified > since;
    }

    private static bool IsFresh(IHeaderDictionary headers, Answer answer)
    {
        if (headers.IfNoneMatch.Count > 0)
        {
            return Names(headers.IfNoneMatch, answer.ETag, weak: true);
        }

        return answer.LastModified is { } modified
            && TryDate(headers.IfModifiedSince, out var since)
            && modified <= since;
    }

    private static bool AllowsRange(StringValues ifRange, Answer answer)
    {
        if (ifRange.Count == 0)
        {
            return true;
        }

        string value = ifRange.ToString();
        return string.Equals(value, answer.ETag, StringComparison.Ordinal)
            || (answer.LastModified is { } modified && TryDate(ifRange, out var date) && date == modified);
    }

    /// <summary>Does a list of entity tags hold this one? Our tags are hex in quotes, so finding one is matching it.</summary>
    private static bool Names(StringValues tags, string etag, bool weak)
    {
        foreach (string? value in tags)
        {
            string list = value ?? "";
            if (string.Equals(list.Trim(), "*", StringComparison.Ordinal))
            {
                return true;
            }

            for (int at = 0; (at = list.IndexOf(etag, at, StringComparison.Ordinal)) >= 0; at += etag.Length)
            {
                if (weak || at == 0 || list[at - 1] != '/')
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool TryDate(StringValues value, out DateTimeOffset date)
    {
        date = default;
        return value.Count == 1 && DateTimeOffset.TryParseExact(
            value.ToString(), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date);
    }

    /// <summary>One range of bytes, as 206 or 416; null for what RFC 9110 lets a server ignore: other units, several ranges, nonsense.</summary>
    private static Selection? SelectRange(ReadOnlySpan<char> value, long length)
    {
        const string unit = "bytes=";
        int dash = value.IndexOf('-');
        if (!value.StartsWith(unit, StringComparison.OrdinalIgnoreCase) || dash < 0 || value.Contains(','))
        {
            return null;
        }

        var first = value[unit.Length..dash].Trim();
        var last = value[(dash + 1)..].Trim();
        if (first.IsEmpty)
        {
            return TryNumber(last, out long suffix) ? Part(Math.Max(0, length - suffix), length - 1, length) : null;
        }

        long to = long.MaxValue;
        if (!TryNumber(first, out long from) || (!last.IsEmpty && (!TryNumber(last, out to) || to < from)))
        {
            return null;
        }

        return Part(from, Math.Min(to, length - 1), length);
    }

    private static Selection Part(long from, long to, long length) =>
        from >= length || to < from
            ? new Selection(StatusCodes.Status416RangeNotSatisfiable, 0, 0)
            : new Selection(StatusCodes.Status206PartialContent, from, to - from + 1);

    /// <summary>Digits only; a number too large for any file is as good as the largest.</summary>
    private static bool TryNumber(ReadOnlySpan<char> digits, out long number)
    {
        number = 0;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            number = long.MaxValue;
        }

        return true;
    }
}
