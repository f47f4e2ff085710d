using System.Text;
using Athens.Federation.Node.Host;

namespace Athens.Federation.Tests.Host;

public sealed class ConfigurationHostileTests(ConfigurationFixture fixture) : IClassFixture<ConfigurationFixture>
{
    private const int Seed = 3000;

    [Fact]
    public void Binary_garbage_gives_errors_and_nothing_else()
    {
        var random = new Random(Seed);
        for (var round = 0; round < 100; round++)
        {
            var bytes = new byte[random.Next(1, 5000)];
            random.NextBytes(bytes);
            var result = fixture.LoadBytes(bytes);
            Assert.True(result.Configuration is null && result.Errors.Count is > 0 and <= ConfigurationBinder.MaxErrors + 1, $"seed {Seed}, round {round}");
            Assert.All(result.Errors, error => Assert.DoesNotContain(error.ToString(), char.IsControl));
        }
    }

    [Fact]
    public void A_sample_with_a_few_bytes_changed_never_throws()
    {
        var random = new Random(Seed);
        var sample = Encoding.UTF8.GetBytes(ConfigurationSampleTests.Uncommented(ConfigurationSampleTests.Sample));
        for (var round = 0; round < 400; round++)
        {
            var bytes = sample.ToArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var result = fixture.LoadBytes(bytes);
            Assert.True(result.Configuration is null == result.Errors.Count > 0, $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void A_file_of_ten_megabytes_is_refused_by_its_size()
    {
        var result = fixture.LoadBytes(Encoding.UTF8.GetBytes(new string('#', 10 << 20)));
        Assert.Equal("peers.toml: the file is longer than 1MiB: not a configuration file", Assert.Single(result.Errors).ToString());
    }

    [Fact]
    public void A_file_without_end_is_refused_by_its_size() =>
        Assert.Contains("longer than", Assert.Single(fixture.Load("/dev/zero").Errors).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a = ", "[")]
    [InlineData("a = ", "{a=")]
    [InlineData("a", ".a")]
    [InlineData("", "[[")]
    [InlineData("[a", ".a")]
    [InlineData("a = ", "[[{a=[")]
    [InlineData("", "[a]\nb=1\n")]
    [InlineData("", "x = 1\n")]
    [InlineData("", "\"\"\"")]
    [InlineData("[upstream.env]\n", "A = 1\n")]
    public void Deep_and_endless_files_give_a_bounded_number_of_errors(string head, string repeated)
    {
        var result = fixture.LoadText(head + string.Concat(Enumerable.Repeat(repeated, ConfigurationFile.MaxBytes / repeated.Length - 20)));
        Assert.InRange(result.Errors.Count, 1, ConfigurationBinder.MaxErrors + 1);
    }

    [Fact]
    public void A_name_of_a_megabyte_is_cut_in_the_message()
    {
        var result = fixture.LoadText($"[upstream]\n{new string('w', 1_000_000)} = 1\nsumdb = \"{new string('x', 1000)}\"\nlisten = \"a\\u001b[31mb\"");
        Assert.All(result.Errors, error => Assert.InRange(error.ToString().Length, 1, 400));
    }

    [Fact]
    public void Names_with_control_characters_are_printed_without_them()
    {
        var errors = fixture.LoadText("[upstream]\n\"a\\u001b[31m\" = 1\n[\"x\\n\"]\ny = 1\n[\"\"]").Errors;
        Assert.Equal(3, errors.Count);
        Assert.All(errors, error => Assert.DoesNotContain(error.ToString(), char.IsControl));
    }

    [Fact]
    public void A_file_name_with_a_NUL_is_a_file_that_does_not_exist() =>
        Assert.Contains("does not exist", Assert.Single(fixture.Load("a\0b").Errors).Message, StringComparison.Ordinal);
}
