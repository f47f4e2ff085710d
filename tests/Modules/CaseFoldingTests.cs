using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Tests.Modules;

public class CaseFoldingTests
{
    // The sets of more than two characters that fold together, as CaseFolding.txt (status C and S) has them.
    [Theory]
    [InlineData("Kk\u212a")]
    [InlineData("Ss\u017f")]
    [InlineData("Åå\u212b")]
    [InlineData("µΜμ")]
    [InlineData("ǄǅǆǄ")]
    [InlineData("ǇǈǉǇ")]
    [InlineData("ΒβϐΒ")]
    [InlineData("ΕεϵΕ")]
    [InlineData("ΘθϑϴΘ")]
    [InlineData("\u0345Ιι\u1fbe")]
    [InlineData("Σσς")]
    [InlineData("Ωω\u2126")]
    [InlineData("Ṡṡẛ")]
    [InlineData("ẞß")]
    [InlineData("Ꙋꙋ\u1c88")]
    [InlineData("\u13a0\uab70")]
    [InlineData("\U00010400\U00010428")]
    public void Characters_that_fold_together_have_one_fold(string characters) =>
        Assert.Single(characters.EnumerateRunes().Select(CaseFolding.Fold).Distinct());

    [Theory]
    [InlineData("iıİI", 3)]
    [InlineData("sß", 2)]
    [InlineData("eé", 2)]
    [InlineData("ﬁf", 2)]
    public void Others_do_not(string characters, int distinct) =>
        Assert.Equal(distinct, characters.EnumerateRunes().Select(CaseFolding.Fold).Distinct().Count());

    [Fact]
    public void Letters_of_ASCII_fold_to_small_ones()
    {
        for (int c = 0; c < 128; c++)
        {
            Assert.Equal(char.ToLowerInvariant((char)c), CaseFolding.Fold(new Rune(c)));
        }
    }
}
