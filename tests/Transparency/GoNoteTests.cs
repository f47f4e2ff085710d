using System.Text;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.Transparency;

/// <summary>Notes and keys exchanged with Go's own note package, as the installed Go has it for its checksum database client.</summary>
public sealed class GoNoteTests : IDisposable
{
    /// <summary>Opens the note on standard input with the verifier key, then signs its text with the signer key.</summary>
    private const string Program =
        """
        package main

        import (
            "fmt"
            "io"
            "os"

            "example.com/check/note"
        )

        func main() {
            input, _ := io.ReadAll(os.Stdin)
            verifier, err := note.NewVerifier(os.Args[1])
            if err != nil {
                fmt.Println("verifier:", err)
                os.Exit(1)
            }
            opened, err := note.Open(input, note.VerifierList(verifier))
            if err != nil {
                fmt.Println("open:", err)
                os.Exit(1)
            }
            signer, err := note.NewSigner(os.Args[2])
            if err != nil {
                fmt.Println("signer:", err)
                os.Exit(1)
            }
            signed, err := note.Sign(&note.Note{Text: opened.Text}, signer)
            if err != nil {
                fmt.Println("sign:", err)
                os.Exit(1)
            }
            os.Stdout.Write(signed)
        }
        """;

    private readonly GoClient go = new("off");

    public void Dispose() => go.Dispose();

    [Fact]
    public async Task Go_opens_what_is_signed_here_and_what_go_signs_is_opened_here()
    {
        await BuildAsync();
        using var key = SigningKey.Create("büro.example/0123abcd");
        using var second = SigningKey.Create("second");
        foreach (var text in new[] { "one line\n", "blank\n\nlines\n\n", "— büro.example/0123abcd AAAA\n", "go.sum database tree\n3\nabc=\n" })
        {
            var ours = SignedNote.Sign(text, second, key);
            var answer = await RunAsync(ours, key.Verifier.ToString(), second.ExportText());
            Assert.True(answer.ExitCode == 0, answer.Terminal);
            Assert.Equal(Encoding.UTF8.GetString(SignedNote.Sign(text, second)), answer.Output);
            var theirs = SignedNote.Parse(Encoding.UTF8.GetBytes(answer.Output), out var reason);
            Assert.True(theirs?.IsSignedBy(second.Verifier), reason);
        }
    }

    [Fact]
    public async Task Both_refuse_the_same_damaged_notes()
    {
        await BuildAsync();
        using var key = SigningKey.Create("name");
        var good = SignedNote.Sign("some text\nof two lines\n", key);
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            byte[] bad = [.. good];
            bad[random.Next(bad.Length)] = (byte)random.Next(256);
            var ours = SignedNote.Parse(bad, out _)?.IsSignedBy(key.Verifier) ?? false;
            var answer = await RunAsync(bad, key.Verifier.ToString(), key.ExportText());
            Assert.True(ours == (answer.ExitCode == 0), $"{i}: {Encoding.UTF8.GetString(bad)}\n{answer.Terminal}");
        }
    }

    private async Task BuildAsync()
    {
        var root = (await go.RunAsync(default, "env", "GOROOT")).OrFail().Output.Trim();
        var source = await File.ReadAllTextAsync(Path.Combine(root, "src/cmd/vendor/golang.org/x/mod/sumdb/note/note.go"));
        Directory.CreateDirectory(Path.Combine(go.WorkFolder, "note"));
        await WriteAsync("note/note.go", source.Replace("golang.org/x/crypto/ed25519", "crypto/ed25519", StringComparison.Ordinal));
        await WriteAsync("main.go", Program);
        await WriteAsync("go.mod", "module example.com/check\n\ngo 1.19\n");
        (await go.RunAsync(default, "build", "-o", "check", ".")).OrFail();
    }

    private async Task<ChildRun> RunAsync(byte[] note, params string[] keys)
    {
        await File.WriteAllBytesAsync(Path.Combine(go.WorkFolder, "note.txt"), note);
        return await ChildProcess.RunAsync("sh", ["-c", "./check \"$0\" \"$1\" < note.txt", .. keys], go.WorkFolder, new Dictionary<string, string>(go.Environment), default);
    }

    private Task WriteAsync(string file, string text) => File.WriteAllTextAsync(Path.Combine(go.WorkFolder, file), text);
}
