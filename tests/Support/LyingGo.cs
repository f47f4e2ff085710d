namespace Athens.Federation.Tests.Support;

/// <summary>
/// A shell script that stands for the <c>go</c> command: it lies as told and hands everything else to the real one.
/// Put its <see cref="Path"/> into <c>[upstream] go</c>.
/// </summary>
internal sealed class LyingGo : IDisposable
{
    /// <summary>Runs the real go, keeps its JSON and exit code, and offers <c>$zip $mod $info $json</c> of a download.</summary>
    private const string Real =
        """
        json=$("$real" "$@") || { code=$?; printf '%s\n' "$json"; exit $code; }
        field() { printf '%s\n' "$json" | sed -n "s/^\t\"$1\": \"\(.*\)\",*\$/\1/p" | head -n 1; }
        zip=$(field Zip); mod=$(field GoMod); info=$(field Info); sum=$(field Sum)

        """;

    private readonly TemporaryFolder folder = new("lying-go");

    /// <param name="lie">Shell lines run instead of <c>go mod download</c> and <c>go list</c>; <c>$real</c> is the real command.</param>
    public LyingGo(string lie)
    {
        Path = folder.File("go");
        CallsFile = folder.File("calls");
        File.WriteAllText(CallsFile, "");
        File.WriteAllText(
            Path,
            $"""
            #!/bin/bash
            real=$(command -v go)
            folder={folder.Path}
            if [ "$1" = env ]; then exec "$real" "$@"; fi
            echo "$*" >> {CallsFile}
            {lie}

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The script.</summary>
    public string Path { get; }

    /// <summary>Folder of the script, for files that it writes ($folder).</summary>
    public string Folder => folder.Path;

    /// <summary>The command lines it was called with, <c>go env</c> left out.</summary>
    public IReadOnlyList<string> Calls => File.ReadAllLines(CallsFile);

    private string CallsFile { get; }

    /// <summary>Tells the truth, and counts its calls.</summary>
    public static LyingGo Honest() => new("""exec "$real" "$@" """);

    /// <summary>Delivers a zip of other content than its Sum says.</summary>
    public static LyingGo WrongZip() => new(Real +
        """
        if [ -n "$zip" ]; then chmod u+w "$zip"; printf 'PK\005\006%018d' 0 | tr 0 '\000' > "$zip"; fi
        printf '%s\n' "$json"
        """);

    /// <summary>Delivers a zip with one bit of its content changed.</summary>
    public static LyingGo FlippedZip() => new(Real +
        """
        if [ -n "$zip" ]; then
            chmod u+w "$zip"; at=$(( $(stat -c %s "$zip") / 3 ))
            byte=$(od -An -tu1 -j $at -N 1 "$zip"); printf "\\x$(printf %x $(( byte ^ 1 )))" | dd of="$zip" bs=1 seek=$at conv=notrunc status=none
        fi
        printf '%s\n' "$json"
        """);

    /// <summary>Delivers half of the zip.</summary>
    public static LyingGo TruncatedZip() => new(Real +
        """
        if [ -n "$zip" ]; then chmod u+w "$zip"; truncate -s $(( $(stat -c %s "$zip") / 2 )) "$zip"; fi
        printf '%s\n' "$json"
        """);

    /// <summary>Claims another h1 for an honest zip.</summary>
    public static LyingGo WrongSum() => new(Real +
        """
        printf '%s\n' "$json" | sed 's#"Sum": "h1:.*"#"Sum": "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="#'
        """);

    /// <summary>Delivers another go.mod than the one in the zip.</summary>
    public static LyingGo WrongMod() => new(Real +
        """
        if [ -n "$mod" ]; then chmod u+w "$mod"; echo 'module example.org/evil' > "$mod"; fi
        printf '%s\n' "$json"
        """);

    /// <summary>Exits with 0 and reports files that are not there.</summary>
    public static LyingGo NoFiles() => new(Real +
        """
        rm -f "$zip" "$mod" "$info"; printf '%s\n' "$json"
        """);

    /// <summary>Reports a file outside its own cache as the zip.</summary>
    public static LyingGo ForeignFile() => new(Real +
        """
        cp "$zip" "$folder/foreign.zip"; printf '%s\n' "$json" | sed "s#\"Zip\": \".*\"#\"Zip\": \"$folder/foreign.zip\"#"
        """);

    /// <summary>Reports a link out of its own cache as the .mod.</summary>
    public static LyingGo LinkedFile() => new(Real +
        """
        rm -f "$mod"; ln -s /etc/passwd "$mod"; printf '%s\n' "$json"
        """);

    /// <summary>Prints what is no JSON and exits with 0.</summary>
    public static LyingGo Garbage() => new("head -c 4096 /dev/urandom");

    /// <summary>Exits with 0 and prints nothing.</summary>
    public static LyingGo Silent() => new("exit 0");

    /// <summary>Prints without end.</summary>
    public static LyingGo Flood() => new("yes '{\"Path\":\"x\"}'");

    /// <summary>Fails with the words given.</summary>
    public static LyingGo Fails(string words, int exitCode = 1) =>
        new($"cat >&2 <<'WORDS'\n{words}\nWORDS\nexit {exitCode}");

    /// <summary>
    /// Never ends, and has children of its own that hold the pipes. Writes their pids into <c>pids</c> in
    /// <see cref="Folder"/>, as <c>go</c> does with a git that hangs.
    /// </summary>
    public static LyingGo Hangs() => new(
        """
        sleep 3600 & echo $! >> "$folder/pids.new"
        ( sleep 3600 & echo $! >> "$folder/pids.new"; wait ) & echo $! >> "$folder/pids.new"
        echo $$ >> "$folder/pids.new"
        while [ "$(wc -l < "$folder/pids.new")" -lt 4 ]; do :; done
        mv "$folder/pids.new" "$folder/pids"
        wait
        """);

    /// <summary>Waits until <see cref="Release"/>, then tells the truth.</summary>
    public static LyingGo Waits() => new(
        """
        mkfifo "$folder/gate.$$"; read -r _ < "$folder/gate.$$"; exec "$real" "$@"
        """);

    /// <summary>Lets every child of <see cref="Waits"/> go on that waits now.</summary>
    public void Release()
    {
        foreach (string gate in Directory.EnumerateFiles(folder.Path, "gate.*"))
        {
            File.WriteAllText(gate, "go\n");
        }
    }

    public void Dispose() => folder.Dispose();
}
