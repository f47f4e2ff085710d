using System.Text;
using Athens.Federation.Node.Modules;

namespace Athens.Federation.Tests.Modules;

public class DirHashTests
{
    // Published "/go.mod" lines of go.sum files.
    [Theory]
    [InlineData("module github.com/pkg/errors\n", "h1:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0=")]
    [InlineData("module github.com/davecgh/go-spew\n", "h1:J7Y8YcW2NihsgmVo/mv3lAwl/skON4iLHjSsI+c5H38=")]
    public void The_hash_of_a_go_mod_is_the_one_in_go_sum(string goMod, string expected) =>
        Assert.Equal(expected, DirHash.OfGoMod(Encoding.UTF8.GetBytes(goMod)));
}
