using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Telemetry;

namespace Athens.Federation.Tests.Telemetry;

/// <summary>What of a span is exported when some module paths are private.</summary>
public sealed class PrivateSpansTests
{
    private const string Patterns = "corp.example/*,github.com/Acme,*.acme.example";

    [Theory]
    [InlineData("corp.example/secret")]
    [InlineData("corp.example/secret/v2@v2.0.0")]
    [InlineData("/corp.example/secret/@v/list")]
    [InlineData("/sumdb/sum.example.org/public/db/lookup/corp.example/secret@v1.0.0")]
    [InlineData("/github.com/!acme/tool/@v/v1.0.0.info")]
    [InlineData("/github.com%2F!acme%2Ftool")]
    [InlineData("https://git.acme.example:8443/team?go-get=1")]
    [InlineData("corp.example/secret: reading git-upload-pack: exit 128")]
    [InlineData("said of \"corp.example/secret\".")]
    [InlineData("as there is no corp.example/secret.")]
    public void A_name_of_a_private_module_is_left_out_wherever_it_stands(string text)
    {
        using var span = End("url.path", text, text);
        Assert.Null(span.GetTagItem("url.path"));
        Assert.Null(span.GetTagItem("athens.version"));
        Assert.Null(span.StatusDescription);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal(("Conflicting", "work"), (span.GetTagItem("athens.outcome"), span.DisplayName));
    }

    [Theory]
    [InlineData("corp.example")]
    [InlineData("github.com/acme/tool")]
    [InlineData("/notcorp.example/secret")]
    [InlineData("acme.example/x")]
    [InlineData("store")]
    public void All_else_is_told(string text)
    {
        using var span = End("url.path", text, text);
        Assert.Equal((text, "v1.0.0", text), (span.GetTagItem("url.path"), span.GetTagItem("athens.version"), span.StatusDescription));
    }

    [Fact]
    public void What_is_too_long_to_be_looked_through_is_left_out()
    {
        using var span = End("url.path", new string('/', 3000), "");
        Assert.Null(span.GetTagItem("url.path"));
    }

    private static Activity End(string tag, string text, string description)
    {
        var span = new Activity("work").SetTag(tag, text).SetTag("athens.version", "v1.0.0").SetTag("athens.outcome", "Conflicting").SetStatus(ActivityStatusCode.Error, description);
        using PrivateSpans spans = new(new PrefixPatterns(Patterns).Matches);
        spans.OnEnd(span);
        return span;
    }
}
