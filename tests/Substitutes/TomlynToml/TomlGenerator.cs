using System.Globalization;
using System.Text;

namespace Athens.Federation.Tests.Substitutes.TomlynToml;

/// <summary>Documents of every notation, from a small set of names so that definitions often collide; and broken ones.</summary>
internal sealed class TomlGenerator(Random random)
{
    private static readonly string[] Names = ["a", "b", "c", "\"a\"", "'b'", "\"\\u0061\"", "1", "x-y", "\"\"", "'q r'", "\"é\""];

    private static readonly string[] Scalars =
    [
        "0", "+1", "-17", "1_000", "0xDEAD_beef", "0o755", "0b1101", "9223372036854775807", "-9223372036854775808",
        "1.5", "-0.0", "6.02e23", "1e-9", "5E+3", "0e0", "1_0.0_1e1_0", "inf", "-inf", "nan", "+nan", "true", "false",
        "1979-05-27", "07:32:00", "07:32:00.999999", "1979-05-27T07:32:00", "1979-05-27 07:32:00Z", "1979-05-27t07:32:00.25-07:00",
        "2024-02-29T23:59:59.1234567+23:59", "\"\"", "''", "\"a\\tb\\\"\\u00e9\\U0001F600\"", "'C:\\x'", "\"\"\"\na\\\n   b\"\"c\"\"\"\"",
        "'''\nl\r\n'x''''", "\"\"\"\"\"\"", "\"#no\" # comment", "\"ünï\"",
    ];

    private static readonly string[] Mutations =
        ["\"", "'", "\"\"\"", "'''", "[", "]", "{", "}", ",", ".", "=", "#", "\n", "\r", "\\", "_", "+", "-", "0", "e", "\0", "\u007f", "\u00e9", " ", "T", ":"];

    public string Document()
    {
        var text = new StringBuilder();
        for (var lines = random.Next(1, 9); lines > 0; lines--)
        {
            text.Append(random.Next(8) switch
            {
                0 => $"[{Key()}]",
                1 => $"[[{Key()}]]",
                2 => "# comment é",
                3 => $"\t{Key()}\t=\t{Value(0)} # x",
                _ => $"{Key()} = {Value(0)}",
            });
            text.Append(random.Next(6) == 0 ? "\r\n" : "\n");
        }

        return text.ToString();
    }

    /// <summary>The document with a few bytes put in, taken out, or doubled.</summary>
    public byte[] Broken(byte[] document)
    {
        List<byte> bytes = [.. document];
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            if (random.Next(3) == 0 && at < bytes.Count)
            {
                bytes.RemoveAt(at);
            }
            else if (random.Next(12) == 0)
            {
                bytes.Insert(at, (byte)random.Next(256));
            }
            else
            {
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(Mutations[random.Next(Mutations.Length)]));
            }
        }

        return [.. bytes];
    }

    private string Key()
    {
        var parts = Enumerable.Range(0, random.Next(10) switch { < 5 => 1, < 8 => 2, _ => 3 }).Select(_ => Names[random.Next(Names.Length)]);
        return string.Join(random.Next(4) == 0 ? " . " : ".", parts);
    }

    private string Value(int depth)
    {
        var kind = depth > 3 ? 9 : random.Next(10);
        if (kind == 0)
        {
            var separator = random.Next(3) == 0 ? ",\n # in\n" : ", ";
            return $"[{string.Join(separator, Values(depth))}{(random.Next(4) == 0 ? ",]" : "]")}".Replace("[,]", "[]", StringComparison.Ordinal);
        }

        if (kind == 1)
        {
            var pairs = Values(depth).Select(value => $"{Key()}={value}".Replace(" # comment", string.Empty, StringComparison.Ordinal));
            return $"{{ {string.Join(", ", pairs)} }}";
        }

        return kind == 2 ? Number() : Scalars[random.Next(Scalars.Length)];
    }

    private List<string> Values(int depth) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth + 1))];

    private string Number() => random.Next(4) switch
    {
        0 => random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture),
        1 => "0x" + random.NextInt64().ToString(random.Next(2) == 0 ? "x" : "X", CultureInfo.InvariantCulture),
        2 => BitConverter.Int64BitsToDouble(random.NextInt64() & 0x7FE_FFFFFFFFFFFFF).ToString("E16", CultureInfo.InvariantCulture),
        _ => $"{random.Next(100)}.{random.Next()}e{random.Next(-400, 400)}",
    };
}
