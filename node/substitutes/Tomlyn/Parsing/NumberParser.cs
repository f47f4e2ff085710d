using System.Globalization;
using Tomlyn.Syntax;

namespace Tomlyn.Parsing;

/// <summary>Integers of all four bases, and floats. A word is the whole run of characters of the value.</summary>
internal static class NumberParser
{
    private const string BadUnderscore = "an underscore must stand between two digits";
    private const string TooBig = "the integer does not fit into 64 bits";

    /// <summary>The value, or null and what is wrong with it.</summary>
    public static ValueSyntax? Parse(string word, out string problem)
    {
        problem = string.Empty;
        var unsigned = word[0] is '+' or '-' ? word[1..] : word;
        if (unsigned is "inf" or "nan")
        {
            var special = unsigned == "nan" ? double.NaN : double.PositiveInfinity;
            return new FloatValueSyntax { Value = word[0] == '-' ? -special : special };
        }

        if (word.Length > 1 && word[0] == '0' && word[1] is 'x' or 'o' or 'b')
        {
            return Based(word, out problem);
        }

        if (unsigned.Length == 0 || !char.IsAsciiDigit(unsigned[0]))
        {
            problem = "expected a value: a string, a number, true, false, a date, an array or an inline table";
            return null;
        }

        return unsigned.AsSpan().ContainsAny('.', 'e', 'E') ? Float(word, unsigned, out problem) : Decimal(word, unsigned, out problem);
    }

    private static IntegerValueSyntax? Based(string word, out string problem)
    {
        var digits = word.AsSpan(2);
        var radix = word[1] switch { 'x' => 16, 'o' => 8, _ => 2 };
        problem = Digits(digits, radix);
        if (problem.Length > 0)
        {
            return null;
        }

        long value = 0;
        foreach (var character in digits)
        {
            if (character == '_')
            {
                continue;
            }

            var digit = char.IsAsciiDigit(character) ? character - '0' : (character | 0x20) - 'a' + 10;
            if (value > (long.MaxValue - digit) / radix)
            {
                problem = TooBig;
                return null;
            }

            value = (value * radix) + digit;
        }

        return new IntegerValueSyntax { Value = value };
    }

    private static IntegerValueSyntax? Decimal(string word, string unsigned, out string problem)
    {
        problem = WholePart(unsigned);
        if (problem.Length > 0)
        {
            return null;
        }

        var plain = word.Replace("_", string.Empty, StringComparison.Ordinal);
        if (!long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            problem = TooBig;
            return null;
        }

        return new IntegerValueSyntax { Value = value };
    }

    private static FloatValueSyntax? Float(string word, string unsigned, out string problem)
    {
        var exponentAt = unsigned.AsSpan().IndexOfAny('e', 'E');
        var mantissa = exponentAt < 0 ? unsigned : unsigned[..exponentAt];
        var pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        problem = WholePart(pointAt < 0 ? mantissa : mantissa[..pointAt]);
        if (problem.Length == 0 && pointAt >= 0)
        {
            problem = Digits(mantissa.AsSpan(pointAt + 1), 10);
        }

        if (problem.Length == 0 && exponentAt >= 0)
        {
            var exponent = unsigned.AsSpan(exponentAt + 1);
            problem = Digits(exponent is ['+' or '-', ..] ? exponent[1..] : exponent, 10);
        }

        var plain = word.Replace("_", string.Empty, StringComparison.Ordinal);
        return problem.Length > 0
            ? null
            : new FloatValueSyntax { Value = double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture) };
    }

    private static string WholePart(string digits)
    {
        var problem = Digits(digits, 10);
        return problem.Length == 0 && digits.Length > 1 && digits[0] == '0' ? "a number must not begin with a needless 0" : problem;
    }

    /// <summary>Digits of the radix, with underscores between two of them only; empty when all is well.</summary>
    private static string Digits(ReadOnlySpan<char> digits, int radix)
    {
        if (digits.IsEmpty)
        {
            return "the number lacks digits";
        }

        for (var i = 0; i < digits.Length; i++)
        {
            if (digits[i] == '_')
            {
                if (i == 0 || i == digits.Length - 1 || digits[i - 1] == '_')
                {
                    return BadUnderscore;
                }
            }
            else if (!IsDigit(digits[i], radix))
            {
                return "the number has a character that does not belong to it (a string needs quotes)";
            }
        }

        return string.Empty;
    }

    private static bool IsDigit(char c, int radix) => radix switch
    {
        16 => char.IsAsciiHexDigit(c),
        _ => c >= '0' && c < '0' + radix,
    };
}
