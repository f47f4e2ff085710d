using Athens.Federation.Node.Upstream;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Upstream;

public sealed class GoEnvironmentTests
{
    [Fact]
    public void Nothing_of_the_operators_own_go_or_git_settings_is_inherited()
    {
        Dictionary<string, string> inherited = new()
        {
            ["HOME"] = "/home/athens",
            ["PATH"] = "/bin",
            ["HTTPS_PROXY"] = "http://proxy:3128",
            ["SSH_AUTH_SOCK"] = "/run/agent",
            ["GIT_SSH_COMMAND"] = "ssh -4",
            ["GOFLAGS"] = "-mod=vendor",
            ["GOPROXY"] = "https://evil.example",
            ["GONOSUMDB"] = "*",
            ["GONOSUMCHECK"] = "1",
            ["GOPRIVATE"] = "*",
            ["GOINSECURE"] = "*",
            ["GOVCS"] = "*:all",
            ["GOTOOLCHAIN"] = "go1.99",
            ["GOROOT"] = "/tmp",
            ["GIT_DIR"] = "/tmp",
            ["LD_PRELOAD"] = "/tmp/x.so",
            ["ATHENS_UPSTREAM_ENV"] = "secret",
        };
        Dictionary<string, string> environment = GoEnvironment.Build(inherited, new UpstreamOptions(), "/data/vcs");
        string[] expected =
        [
            "GCM_INTERACTIVE", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_KEY_1", "GIT_CONFIG_KEY_2",
            "GIT_CONFIG_VALUE_0", "GIT_CONFIG_VALUE_1", "GIT_CONFIG_VALUE_2", "GIT_SSH_COMMAND", "GIT_TERMINAL_PROMPT", "GO111MODULE", "GOCACHE", "GOENV", "GOFLAGS",
            "GOPATH", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN", "GOWORK", "HOME", "HTTPS_PROXY", "LC_ALL", "PATH", "SSH_AUTH_SOCK",
        ];
        Assert.Equal(expected, environment.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("-modcacherw", environment["GOFLAGS"]);
        Assert.Equal("local", environment["GOTOOLCHAIN"]);
        Assert.Equal("https://proxy.golang.org,direct", environment["GOPROXY"]);
        Assert.Equal("/home/athens", environment["HOME"]);
    }

    [Fact]
    public void The_configured_variables_win()
    {
        UpstreamOptions options = new()
        {
            Env = new Dictionary<string, string> { ["GOPRIVATE"] = "corp.example", ["HOME"] = "/elsewhere", ["GOFLAGS"] = "-x" },
        };
        Dictionary<string, string> environment = GoEnvironment.Build(new Dictionary<string, string>(), options, "/data/vcs");
        Assert.Equal(("corp.example", "/elsewhere", "-x"), (environment["GOPRIVATE"], environment["HOME"], environment["GOFLAGS"]));
        Assert.Contains("/usr/bin", environment["PATH"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "", null)]
    [InlineData("corp.example", "", "", "corp.example")]
    [InlineData("corp.example", "", "git.example/*", "corp.example,git.example/*")]
    [InlineData("corp.example", "only.example", "git.example/*", "corp.example,only.example")]
    public void What_is_never_looked_up_is_never_looked_up_by_the_child(string noSum, string goNoSumDb, string goPrivate, string? expected)
    {
        Dictionary<string, string> env = new() { ["GONOSUMDB"] = goNoSumDb, ["GOPRIVATE"] = goPrivate };
        UpstreamOptions options = new() { NoSum = noSum, Env = env.Where(variable => variable.Value.Length > 0).ToDictionary() };
        Assert.Equal(expected, GoEnvironment.Build(new Dictionary<string, string>(), options, "/data/vcs").GetValueOrDefault("GONOSUMDB"));
    }

    [Theory]
    [InlineData("", "https://proxy.example,direct", null, "git.example/*", null)]
    [InlineData("corp.example", "https://proxy.example,direct", null, "", "corp.example")]
    [InlineData("corp.example", "http://proxy.example", null, "git.example/*", "corp.example,git.example/*")]
    [InlineData("corp.example", "https://proxy.example,direct", "none", "git.example/*", "none")]
    [InlineData("corp.example", "file:///proxy,direct", null, "", null)]
    [InlineData("corp.example", "direct", null, "", null)]
    public void What_is_private_is_asked_of_no_proxy_by_the_child_unless_the_operator_says_so(
        string isPrivate, string goProxy, string? goNoProxy, string goPrivate, string? expected)
    {
        Dictionary<string, string> env = new() { ["GOPRIVATE"] = goPrivate };
        if (goNoProxy is not null)
        {
            env["GONOPROXY"] = goNoProxy;
        }

        UpstreamOptions options = new() { Private = isPrivate, GoProxy = goProxy, Env = env };
        Assert.Equal(expected, GoEnvironment.Build(new Dictionary<string, string>(), options, "/data/vcs").GetValueOrDefault("GONOPROXY"));
    }

    [Fact]
    public async Task A_real_child_sees_just_that()
    {
        using LyingGo go = new("""env -0 | cut -z -d= -f1 | tr '\0' '\n' | sort > "$folder/env"; pwd > "$folder/pwd"; exit 1""");
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path });
        await room.Source.VersionsAsync("example.org/m", CancellationToken.None);
        string[] names = await File.ReadAllLinesAsync(Path.Combine(go.Folder, "env"));
        Assert.Contains("GOMODCACHE", names);
        Assert.Contains("TMPDIR", names);
        Assert.DoesNotContain(names, name => name.StartsWith("DOTNET", StringComparison.Ordinal) || name.StartsWith("VSTEST", StringComparison.Ordinal));
        Assert.StartsWith(
            Path.Combine(room.Data, "vcs", "tmp"), await File.ReadAllTextAsync(Path.Combine(go.Folder, "pwd")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_asked_once_and_again_when_the_command_changes()
    {
        using LyingGo go = LyingGo.Honest();
        using UpstreamRoom room = new(new UpstreamOptions { Go = go.Path });
        Assert.Matches("^go1\\.", await room.Command.VersionAsync(CancellationToken.None));
        Assert.Null(await room.Command.CheckAsync(CancellationToken.None));
        await File.WriteAllTextAsync(go.Path, "#!/bin/sh\necho x >> \"$(dirname \"$0\")/asked\"; echo go1.99.9\n");
        Assert.Equal("go1.99.9", await room.Command.VersionAsync(CancellationToken.None));
        Assert.Equal("go1.99.9", await room.Command.VersionAsync(CancellationToken.None));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(go.Folder, "asked")));
    }
}
