using Athens.Federation.Node.Retrieval;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Retrieval;

public sealed class AdmissionRaceTests
{
    /// <summary>A refresh has read the store, then something is admitted, then the refresh sets its answer.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_comes_into_the_store_while_an_answer_is_put_together_is_not_missed(bool upstreamAnswers)
    {
        string held = "v1.0.0";
        int rounds = 0;
        CachedLookup<string, string>? lookup = null;
        LookupRules<string, string> rules = new(
            static key => key,
            (_, _) => Task.FromResult(upstreamAnswers ? Outcome<string>.Found("", "upstream") : Outcome<string>.Absent("none")),
            (_, _, _) => new(ReadThenAdmit()),
            (_, _) => new(ReadThenAdmit()),
            static (_, value) => value.Length,
            MaxBytes: 1000);
        await using CachedLookup<string, string> made = new(rules, new RetrievalOptions(), new ManualTime(), NullLogger.Instance);
        lookup = made;

        Assert.Equal("v1.0.0 v1.1.0", (await lookup.AskAsync("a", CancellationToken.None)).Value);
        Assert.Equal("v1.0.0 v1.1.0", (await lookup.AskAsync("a", CancellationToken.None)).Value);

        string ReadThenAdmit()
        {
            string read = held;
            if (rounds++ == 0)
            {
                held = "v1.0.0 v1.1.0";
                lookup!.Amend("a", static value => value + " v1.1.0");
            }

            return read;
        }
    }
}
