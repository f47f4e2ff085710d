using System.Text;
using Athens.Federation.Node.Protocol;

namespace Athens.Federation.Tests.Protocol;

public sealed class FailureTextTests
{
    [Theory]
    [InlineData("plain", "plain\n(request id)\n")]
    [InlineData("\n\n  \nafter blank lines\n\nmore\r\n", "after blank lines\nmore\n(request id)\n")]
    [InlineData("bell \a, escape \u001b[31m, joiner \u200d, \ttab", "bell ?, escape ?[31m, joiner ?,  tab\n(request id)\n")]
    [InlineData("naïve – ☃ 漢字", "naïve – ☃ 漢字\n(request id)\n")]
    [InlineData("", "(request id)\n")]
    public void Text_is_made_fit_for_the_terminal(string reason, string shown) =>
        Assert.Equal(shown, Encoding.UTF8.GetString(FailureText.Compose(reason, "id")));

    [Fact]
    public void Half_a_character_is_replaced() =>
        Assert.Equal("a lone \ufffd surrogate\n(request id)\n", Encoding.UTF8.GetString(FailureText.Compose("a lone \ud800 surrogate", "id")));

    [Fact]
    public void Long_text_is_cut_between_characters_and_keeps_the_request_id()
    {
        foreach (string reason in new[] { new string('x', 5000), new string('漢', 5000), string.Join('\n', Enumerable.Repeat("line", 50)) })
        {
            byte[] bytes = FailureText.Compose(reason, "id");
            string text = new UTF8Encoding(false, true).GetString(bytes);
            Assert.InRange(bytes.Length, 1, FailureText.MaxBytes);
            Assert.InRange(text.TrimEnd('\n').Split('\n').Length, 2, FailureText.MaxLines);
            Assert.EndsWith("\n(request id)\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\ufffd', text);
        }
    }
}
