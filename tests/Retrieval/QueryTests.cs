using System.Text;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Tests.Retrieval;

public sealed class QueryTests
{
    private const string Path = "example.com/a";
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [Fact]
    public async Task A_query_is_asked_once_and_then_answered_from_memory()
    {
        await using Rig rig = new();
        rig.Source.Answers[$"{Path}@latest"] = GenuineModule.Make();

        Assert.Equal(AnswerSource.Upstream, (await AssertResolvesAsync(rig, "latest", "v1.0.0")).Source);
        Assert.Equal(AnswerSource.Store, (await AssertResolvesAsync(rig, "latest", "v1.0.0")).Source);
        Assert.Equal(1, rig.Source.Resolves);
    }

    [Fact]
    public async Task A_new_answer_is_seen_and_an_old_one_serves_when_upstream_fails()
    {
        await using Rig rig = new();
        rig.Source.Answers[$"{Path}@main"] = GenuineModule.Make(version: "v1.0.0");
        await AssertResolvesAsync(rig, "main", "v1.0.0");
        rig.Source.Answers[$"{Path}@main"] = GenuineModule.Make(version: "v1.0.1");
        rig.Time.Advance(rig.Options.ListTtl * 2);
        await AssertResolvesAsync(rig, "main", "v1.0.1");
        rig.Source.Failing = OutcomeKind.Unavailable;
        rig.Time.Advance(TimeSpan.FromDays(6));
        await AssertResolvesAsync(rig, "main", "v1.0.1");
    }

    [Fact]
    public async Task The_info_of_a_held_version_is_the_stored_one_whatever_upstream_says_now()
    {
        await using Rig rig = new();
        GenuineModule held = GenuineModule.Make();
        rig.Store.Hold(held);
        GenuineModule upstreams = GenuineModule.Make();
        upstreams.Info = Encoding.UTF8.GetBytes("""{"Version":"v1.0.0","Time":"2030-01-01T00:00:00Z"}""");
        rig.Source.Answers[$"{Path}@latest"] = upstreams;

        Outcome<ResolvedVersion> outcome = await AssertResolvesAsync(rig, "latest", "v1.0.0");

        Assert.Equal(held.Info, outcome.Value!.Info.ToArray());
    }

    [Fact]
    public async Task A_canonical_version_is_its_own_info_fetched_if_need_be()
    {
        await using Rig rig = new();
        GenuineModule module = rig.Source.Publish(GenuineModule.Make());

        Outcome<ResolvedVersion> outcome = await AssertResolvesAsync(rig, "v1.0.0", "v1.0.0");

        Assert.Equal(module.Info, outcome.Value!.Info.ToArray());
        Assert.Equal((1, 0), (rig.Source.Fetches, rig.Source.Resolves));
    }

    [Fact]
    public async Task An_upstream_that_answers_with_a_version_of_another_major_or_a_wrong_info_is_not_believed()
    {
        await using Rig rig = new();
        rig.Source.Answers[$"{Path}@v2"] = GenuineModule.Make("example.com/a/v2", "v2.0.0");
        GenuineModule wrong = GenuineModule.Make();
        wrong.Info = Encoding.UTF8.GetBytes("""{"Version":"v1.0.1"}""");
        rig.Source.Answers[$"{Path}@main"] = wrong;

        Assert.Equal(OutcomeKind.Unavailable, (await rig.ResolveAsync("v2")).Kind);
        Assert.Equal(OutcomeKind.Unavailable, (await rig.ResolveAsync("main")).Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-upload-pack=evil")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("<v1.0.0")]
    [InlineData(">=v1")]
    [InlineData("a@b")]
    [InlineData("a:b")]
    [InlineData("../../etc")]
    [InlineData("a..b")]
    [InlineData("/a")]
    [InlineData("upgrade")]
    [InlineData("patch")]
    [InlineData("none")]
    [InlineData("$(id)")]
    public async Task A_malformed_query_is_absent_and_never_handed_on(string query)
    {
        await using Rig rig = new();
        Outcome<ResolvedVersion> outcome = await rig.ResolveAsync(query);
        Assert.Equal(OutcomeKind.Absent, outcome.Kind);
        Assert.DoesNotContain(outcome.Reason, char.IsControl);
        Assert.Equal(0, rig.Source.Resolves);
    }

    [Fact]
    public async Task A_query_without_bound_is_refused()
    {
        await using Rig rig = new();
        Assert.Equal(OutcomeKind.Absent, (await rig.ResolveAsync(new string('a', VersionQuery.MaxLength + 1))).Kind);
        Assert.Equal(0, rig.Source.Resolves);
    }

    [Theory]
    [InlineData("v1.2.0", "v1.2.0", "v1.10.0-rc.1", "v0.0.0-20300102030405-abcdefabcdef")]
    [InlineData("v1.10.0", "v1.2.0", "v1.10.0", "v1.9.0")]
    [InlineData("v1.10.0-rc.2", "v1.10.0-rc.1", "v1.10.0-rc.2", "v1.10.1-0.20300102030405-abcdefabcdef")]
    [InlineData("v0.0.0-20260102030405-bbbbbbbbbbbb", "v0.0.0-20260102030405-bbbbbbbbbbbb", "v1.9.1-0.20250102030405-abcdefabcdef")]
    [InlineData("v1.2.0", "v1.2.0", "v3.0.0+incompatible")]
    public async Task Latest_without_upstream_is_goes_choice_among_the_held(string expected, params string[] held)
    {
        await using Rig rig = new();
        rig.Source.Failing = OutcomeKind.Unavailable;
        foreach (string version in held)
        {
            rig.Store.Hold(GenuineModule.Make(version: version));
        }

        Assert.Equal(AnswerSource.Store, (await AssertResolvesAsync(rig, "latest", expected)).Source);
    }

    [Fact]
    public async Task An_incompatible_release_is_latest_when_the_compatible_ones_have_no_go_mod()
    {
        await using Rig rig = new();
        Dictionary<string, string> files = new(StringComparer.Ordinal) { ["a.go"] = "package a\n" };
        rig.Store.Hold(GenuineModule.Make(Path, "v1.2.0", files));
        rig.Store.Hold(GenuineModule.Make(Path, "v3.0.0+incompatible", files));

        await AssertResolvesAsync(rig, "latest", "v3.0.0+incompatible");
    }

    [Theory]
    [InlineData("0123456789ab", "v1.0.1-0.20260102030405-0123456789ab")]
    [InlineData("0123456", "v1.0.1-0.20260102030405-0123456789ab")]
    [InlineData("fedcba9876543210", "v1.3.0")]
    [InlineData("fedcba9876543210fedcba9876543210fedcba98", "v1.3.0")]
    [InlineData("release-3", "v1.3.0")]
    [InlineData("main", "v1.0.2-0.20260202030405-aaaaaaaaaaaa")]
    public async Task Commits_tags_and_branches_are_found_among_the_held(string query, string expected)
    {
        await using Rig rig = new();
        Hold(rig, 0, "v1.0.1-0.20260102030405-0123456789ab", null);
        Hold(rig, 1, "v1.3.0", """{"VCS":"git","Ref":"refs/tags/release-3","Hash":"fedcba9876543210fedcba9876543210fedcba98"}""");
        Hold(rig, 2, "v1.0.2-0.20260102030405-bbbbbbbbbbbb", """{"Ref":"refs/heads/main","Hash":"bbbbbbbbbbbb0000000000000000000000000000"}""");
        Hold(rig, 3, "v1.0.2-0.20260202030405-aaaaaaaaaaaa", """{"Ref":"refs/heads/main","Hash":"aaaaaaaaaaaa0000000000000000000000000000"}""");

        await AssertResolvesAsync(rig, query, expected);
    }

    [Theory]
    [InlineData("012345")]
    [InlineData("0123456789ac")]
    [InlineData("0123456789ABCDEF")]
    [InlineData("bbbbbbb")]
    [InlineData("heads/main")]
    [InlineData("other")]
    public async Task What_the_held_do_not_answer_without_doubt_is_upstreams_outcome(string query)
    {
        await using Rig rig = new();
        rig.Source.Failing = OutcomeKind.Unavailable;
        Hold(rig, 0, "v1.0.1-0.20260102030405-0123456789ab", "[]");
        Hold(rig, 1, "v1.3.0", """{"Ref":7,"Hash":"bbbbbbbb11111111111111111111111111111111"}""");
        Hold(rig, 2, "v1.4.0", """{"Hash":"bbbbbbbb22222222222222222222222222222222"}""");

        Assert.Equal(OutcomeKind.Unavailable, (await rig.ResolveAsync(query)).Kind);
    }

    [Fact]
    public async Task One_commit_held_as_a_tag_and_as_a_pseudo_version_is_the_tag()
    {
        await using Rig rig = new();
        Hold(rig, 0, "v1.0.1-0.20260102030405-0123456789ab", null);
        Hold(rig, 1, "v1.0.1", $$"""{"Hash":"{{Commit}}"}""");

        await AssertResolvesAsync(rig, Commit, "v1.0.1");
    }

    private static void Hold(Rig rig, int order, string version, string? origin)
    {
        GenuineModule module = GenuineModule.Make(version: version);
        module.Origin = origin;
        rig.Store.Hold(module, order);
    }

    private static async Task<Outcome<ResolvedVersion>> AssertResolvesAsync(Rig rig, string query, string version)
    {
        Outcome<ResolvedVersion> outcome = await rig.ResolveAsync(query);
        Assert.Equal((OutcomeKind.Found, version), (outcome.Kind, outcome.Value?.Version));
        Assert.Null(InfoFile.Check(outcome.Value!.Info, version));
        return outcome;
    }
}
