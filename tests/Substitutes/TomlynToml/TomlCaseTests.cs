using System.Text;
using Tomlyn;

namespace Athens.Federation.Tests.Substitutes.TomlynToml;

/// <summary>Every document of the tables, as text and as bytes.</summary>
internal static class TomlCases
{
    /// <summary>Those that can be written in UTF-8.</summary>
    public static IEnumerable<string> All =>
        ValidTomlCases.All.Select(valid => valid.Text).Concat(InvalidTomlCases.All).Where(IsUnicode);

    public static bool IsUnicode(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}

public sealed class TomlCaseTests
{
    public static IEnumerable<object[]> Valid => ValidTomlCases.All.Select(valid => new object[] { valid.Text, valid.Meaning });

    public static TheoryData<string> Invalid => [.. InvalidTomlCases.All.Where(TomlCases.IsUnicode)];

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_valid_document_means_what_TOML_says(string text, string meaning)
    {
        foreach (var document in new[] { Toml.Parse(text), Toml.Parse(Encoding.UTF8.GetBytes(text)) })
        {
            Assert.Empty(document.Diagnostics);
            Assert.Equal(meaning, TomlRendering.Render(document));
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void An_invalid_document_is_refused(string text)
    {
        Assert.True(Toml.Parse(text).HasErrors);
        Assert.True(Toml.Parse(Encoding.UTF8.GetBytes(text)).HasErrors);
    }

    [Fact]
    public void Text_with_half_a_surrogate_pair_is_refused() =>
        Assert.All(InvalidTomlCases.Documents, text => Assert.True(Toml.Parse(text).HasErrors));

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_wherever_they_stand() =>
        Assert.All(InvalidTomlCases.Encodings, bytes => Assert.True(Toml.Parse(bytes).HasErrors));

    [Fact]
    public void The_tables_hold_hundreds_of_cases() =>
        Assert.True(InvalidTomlCases.All.Count() + ValidTomlCases.All.Count() > 600);
}
