using System.Text;
using Tomlyn;
using Tomlyn.Syntax;

namespace Athens.Federation.Tests.Substitutes.TomlynToml;

public sealed class TomlDiagnosticTests
{
    [Theory]
    [InlineData("a = 1\nb = x\n", 2, 5)]
    [InlineData("a = 1\r\nb = x\r\n", 2, 5)]
    [InlineData("\uFEFFa = x", 1, 5)]
    [InlineData("a = [\n 1,\n x\n]", 3, 2)]
    [InlineData("a = \"\"\"\nx\n\\q\"\"\"", 3, 1)]
    [InlineData("\n\na = \"\"\"\nx", 3, 5)]
    [InlineData("a = \"x\nb = 1", 1, 5)]
    [InlineData("a = [\n1,", 1, 5)]
    [InlineData("[a]\n[b]\n[a]", 3, 2)]
    [InlineData("[a]\nb = 1\nc.d = 1\n\"b\" = 2", 4, 1)]
    [InlineData("a = {b = 1,\n", 1, 5)]
    [InlineData("a = 1 b", 1, 7)]
    [InlineData("a", 1, 2)]
    [InlineData("# x\n# \u0001", 2, 3)]
    [InlineData("a = 1\n\n= 2", 3, 1)]
    [InlineData("a = \"\\ud800\"", 1, 6)]
    public void An_error_stands_where_the_text_goes_wrong(string text, int line, int column)
    {
        var error = Assert.Single(Toml.Parse(text, "x.toml").Diagnostics);
        Assert.Equal((line, column), (error.Span.Start.Line + 1, error.Span.Start.Column + 1));
        Assert.Equal(("x.toml", DiagnosticMessageKind.Error), (error.Span.FileName, error.Kind));
        Assert.StartsWith($"x.toml({line},{column}) : error : ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_told_with_their_line()
    {
        var document = Toml.Parse([.. "a = 1\nb = \""u8, 0xFF, 0xFE, .. "\"\nc = 3\n# "u8, 0x80]);
        Assert.Equal([1, 3], document.Diagnostics.Select(error => error.Span.Start.Line));
    }

    [Fact]
    public void One_run_tells_of_every_bad_statement_and_keeps_the_good_ones()
    {
        var document = Toml.Parse(
            """
            a = 1
            b = oops
            c = [
              1,
              oops,
              [2],
            ]
            d = 4
            [e
            f = 6
            [g]
            h = "x
            i = { j = 1 k = 2 }
            l = 12
            [g]
            """);
        Assert.Equal([2, 5, 9, 12, 13, 15], document.Diagnostics.Select(error => error.Span.Start.Line + 1));
        Assert.Equal(["a", "d"], document.KeyValues.Select(pair => pair.Key!.ToStringName()));
        Assert.Equal([null, "g", "g"], document.Tables.Select(table => table.Name?.ToStringName()));
        Assert.Equal(["l"], document.Tables.ElementAt(1).Items.Select(pair => pair.Key!.ToStringName()));
    }

    [Fact]
    public void An_array_without_end_does_not_swallow_the_next_statement()
    {
        var document = Toml.Parse("a = [1,\n2\nb = oops\nc = 3");
        Assert.Equal(2, Assert.Single(document.Diagnostics).Span.Start.Line);
        Assert.Equal(["c"], document.KeyValues.Select(pair => pair.Key!.ToStringName()));
    }

    [Fact]
    public void Keys_and_values_know_their_places()
    {
        var document = Toml.Parse("\n[ t ]\n  a . \"b\" = [1,\n2]\n");
        var table = document.Tables.Single();
        var pair = table.Items.Single();
        Assert.Equal((1, 2), (table.Name!.Span.Start.Line, table.Name.Span.Start.Column));
        Assert.Equal((2, 2, 8), (pair.Key!.Span.Start.Line, pair.Key.Span.Start.Column, pair.Key.Span.End.Column));
        Assert.Equal((2, 3), (pair.Value!.Span.Start.Line, pair.Value.Span.End.Line));
    }

    [Theory]
    [InlineData("a = ", "[")]
    [InlineData("a = ", "{a=")]
    [InlineData("a", ".a")]
    [InlineData("[", "[")]
    [InlineData("a = [", "{a=[")]
    public void Depth_is_bounded_and_never_ends_the_process(string head, string repeated)
    {
        var document = Toml.Parse(head + string.Concat(Enumerable.Repeat(repeated, 1_000_000)));
        Assert.InRange(document.Diagnostics.Count, 1, 2);
    }

    [Fact]
    public void Depth_that_people_use_is_taken()
    {
        Assert.False(Toml.Parse($"a = {new string('[', 100)}{new string(']', 100)}").HasErrors);
        Assert.True(Toml.Parse($"a = {new string('[', 101)}{new string(']', 101)}").HasErrors);
        Assert.False(Toml.Parse($"a{string.Concat(Enumerable.Repeat(".a", 99))} = 1").HasErrors);
        Assert.True(Toml.Parse($"a{string.Concat(Enumerable.Repeat(".a", 100))} = 1").HasErrors);
    }

    [Fact]
    public void A_document_beyond_the_bound_is_refused_without_being_read()
    {
        Assert.Contains("longer than", Assert.Single(Toml.Parse(new string('#', (16 << 20) + 1)).Diagnostics).Message, StringComparison.Ordinal);
        Assert.Contains("longer than", Assert.Single(Toml.Parse(new byte[(16 << 20) + 1]).Diagnostics).Message, StringComparison.Ordinal);
        Assert.False(Toml.Parse(new string('#', 16 << 20)).HasErrors);
    }

    [Fact]
    public void At_most_a_hundred_errors_are_told() =>
        Assert.Equal(100, Toml.Parse(string.Concat(Enumerable.Repeat("?\n", 100_000))).Diagnostics.Count);

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(42);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Assert.NotNull(Toml.Parse(bytes));
            Assert.NotNull(Toml.Parse(Encoding.Unicode.GetString(bytes)));
        }
    }
}

internal static class KeyNames
{
    public static string ToStringName(this KeySyntax key) => string.Join('.', TomlRendering.Names(key));
}
