using System.Text;
using Athens.Federation.Node.Upstream;

namespace Athens.Federation.Tests.Upstream;

public sealed class GoWordsTests
{
    [Theory]
    [InlineData("go: a@v1: unknown revision v1\n", "a@v1: unknown revision v1")]
    [InlineData("go: downloading a v1\ngo: downloading b v1\na: gone\r\n", "a: gone")]
    [InlineData("one\n\n\n\ttwo\n", "one\ntwo")]
    [InlineData("", "go failed without a word")]
    [InlineData("\u001b[31mred\u001b[0m \u001b]0;title\atext", "red text")]
    [InlineData("bell\a, null\0, \u202eturned", "bell?, null?, ?turned")]
    [InlineData("fatal: https://user:pa55@host/x and https://token@host/y", "fatal: https://host/x and https://host/y")]
    [InlineData("ssh://git:p@w@host/x", "ssh://host/x")]
    [InlineData("Get \"https://h/x?private_token=abc&y=1\": 404", "Get \"https://h/x?private_token=(hidden)&y=1\": 404")]
    [InlineData("open /srv/data/vcs/tmp/1/x: no", "open (data)/vcs/tmp/1/x: no")]
    [InlineData(
        "git fetch in /srv/data/vcs/tmp/1/mod/cache/vcs/52364913451efb537aba328e8c0006dad43f4bea1b341f3684058b52c91c1de5: exit status 128:",
        "git fetch: exit status 128:")]
    public void Go_s_words_are_made_fit_for_a_terminal(string words, string expected) =>
        Assert.Equal(expected, GoWords.Clean(words, "/srv/data"));

    [Fact]
    public void They_keep_within_what_the_go_command_shows()
    {
        Assert.Equal(GoWords.MaxLines, GoWords.Clean(string.Concat(Enumerable.Range(0, 100).Select(n => $"line {n}\n")), "/d").Split('\n').Length);
        foreach (string part in new[] { "x", "ä", "€", "😀" })
        {
            string cut = GoWords.Clean(string.Concat(Enumerable.Repeat(part, 1000)), "/d");
            Assert.InRange(Encoding.UTF8.GetByteCount(cut), GoWords.MaxBytes - 4, GoWords.MaxBytes);
            Assert.DoesNotContain("\uFFFD", cut, StringComparison.Ordinal);
        }
    }
}
