using System.Text;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

public sealed class InfoAndModFileTests
{
    [Theory]
    [InlineData("""{"Version":"v1.0.0"}""")]
    [InlineData("""{"Version":"v1.0.0","Time":"2026-01-02T03:04:05.123456789Z","Origin":{"VCS":"git","Ref":"refs/tags/v1.0.0"}}""")]
    [InlineData("""{"Version":"v1.0.0","Time":null}""")]
    [InlineData("""{"Name":"x","Short":"y","Version":"\u00761.0.0"}""")]
    public void An_info_of_the_version_asked_for_is_taken(string info) => Assert.Null(Check(info));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Version":"v1.0.1"}""")]
    [InlineData("""{"Version":1}""")]
    [InlineData("""{"Version":"v1.0.0","version":"v6.6.6"}""")]
    [InlineData("""{"Version":"v1.0.0","VERSION":"v1.0.0"}""")]
    [InlineData("""{"Version":"v1.0.0"}{"Version":"v1.0.0"}""")]
    [InlineData("""{"Version":"v1.0.0" """)]
    [InlineData("""{"Version":"v1.0.0","Time":"yesterday"}""")]
    [InlineData("""{"Version":"v1.0.0","Time":12}""")]
    [InlineData("""{"Version":"v1.0.0","\ud800":1}""")]
    public void Anything_that_go_would_stumble_over_is_not(string info) => Assert.NotNull(Check(info));

    [Fact]
    public void Bytes_that_are_no_text_and_files_without_bound_are_refused()
    {
        Assert.NotNull(InfoFile.Check(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' }, "v1.0.0"));
        Assert.NotNull(Check("""{"Version":"v1.0.0","Pad":" """.TrimEnd() + new string('x', InfoFile.MaxSize) + "\"}"));
        Assert.NotNull(Check(new string('[', 5000) + new string(']', 5000)));
    }

    [Theory]
    [InlineData("module a\n", "module a\n", true)]
    [InlineData("module a\n", "module a\r\n", true)]
    [InlineData("module a\r\n\r\ngo 1.19\r\n", "module a\n\ngo 1.19\n", true)]
    [InlineData("module a\n", "module b\n", false)]
    [InlineData("module a\n", "module a", false)]
    [InlineData("module a", "module a\r\n", false)]
    [InlineData("module a\n", "module\r a\n", false)]
    [InlineData("module a\r", "module a", false)]
    [InlineData("", "", true)]
    [InlineData("", "\r\n", false)]
    public void A_mod_is_that_of_the_zip_but_for_line_ends(string mod, string inZip, bool same) =>
        Assert.Equal(same, GoModFile.SameText(Encoding.UTF8.GetBytes(mod), Encoding.UTF8.GetBytes(inZip)));

    private static string? Check(string info) => InfoFile.Check(Encoding.UTF8.GetBytes(info), "v1.0.0");
}
