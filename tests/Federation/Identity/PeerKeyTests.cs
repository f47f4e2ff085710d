using Athens.Federation.Node.Federation.Identity;

namespace Athens.Federation.Tests.Federation.Identity;

/// <summary>Identity keys as text and as values.</summary>
public sealed class PeerKeyTests
{
    private const string Text = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    [Fact]
    public void A_key_is_read_back_from_its_text_and_equal_by_value()
    {
        Assert.True(PeerKey.TryParse(Text, out var key, out var reason), reason);
        Assert.Equal(Text, key.ToString());
        Assert.Equal(key, PeerKey.Of(key.Bytes.Span));
        Assert.Equal(key.GetHashCode(), PeerKey.Of(key.Bytes.Span).GetHashCode());
        Assert.NotEqual(key, PeerKey.Of(new byte[32]));
        Assert.Equal("21fe31df", key.Short);
        Assert.Equal(default, PeerKey.Of(new byte[32]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    [InlineData("ED25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    [InlineData("ed25519: 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    [InlineData("ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp=")]
    [InlineData("ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    [InlineData("ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcH")]
    [InlineData("ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    [InlineData("ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n")]
    public void Any_other_text_is_refused_with_a_reason(string text)
    {
        Assert.False(PeerKey.TryParse(text, out _, out var reason));
        Assert.Contains("athens key show", reason, StringComparison.Ordinal);
    }
}
