using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

public sealed class ListStormTests
{
    private const string Path = "example.com/a";

    /// <summary>Tags come and go, upstream fails in every way, time passes, versions are fetched: what must hold, always holds.</summary>
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public async Task Whatever_happens_a_list_has_all_that_is_held_and_nothing_that_never_was(int seed)
    {
        Random random = new(seed);
        await using Rig rig = new();
        HashSet<string> ever = new(StringComparer.Ordinal);
        HashSet<string> held = new(StringComparer.Ordinal);
        for (int step = 0; step < 400; step++)
        {
            await ActAsync(random, rig, ever, held);
            Outcome<VersionList> outcome = await rig.ListAsync();
            string where = $"seed {seed}, step {step}: {outcome.Kind} {outcome.Reason}";
            if (!outcome.IsFound)
            {
                Assert.True(held.Count == 0 || outcome.Kind == OutcomeKind.Conflicting, where);
                continue;
            }

            Assert.True(held.IsSubsetOf(outcome.Value!.Versions), where);
            Assert.True(ever.IsSupersetOf(outcome.Value.Versions), where);
            Assert.Equal(outcome.Value.Versions.Distinct(StringComparer.Ordinal), outcome.Value.Versions);
        }
    }

    private static async Task ActAsync(Random random, Rig rig, HashSet<string> ever, HashSet<string> held)
    {
        string version = $"v1.{random.Next(30)}.{random.Next(3)}";
        switch (random.Next(6))
        {
            case 0:
                ever.Add(version);
                rig.Source.Tags[Path] = [.. rig.Source.Tags.GetValueOrDefault(Path, []), version];
                break;
            case 1:
                rig.Source.Tags.Clear();
                break;
            case 2:
                rig.Source.Failing = random.Next(2) == 0 ? null : (OutcomeKind)random.Next(1, 7);
                break;
            case 3:
                if ((await rig.FileAsync(rig.Source.Publish(GenuineModule.Make(version: version)))).IsFound)
                {
                    ever.Add(version);
                    held.Add(version);
                }

                break;
            default:
                rig.Time.Advance(TimeSpan.FromSeconds(random.Next(200)));
                break;
        }
    }
}
