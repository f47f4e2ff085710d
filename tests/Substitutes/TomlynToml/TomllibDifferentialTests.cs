using System.Diagnostics;
using System.Text;
using Tomlyn;

namespace Athens.Federation.Tests.Substitutes.TomlynToml;

/// <summary>
/// Generated and broken documents, read here and by Python's tomllib (3.11 or later), which shares no code with this
/// reader: both must refuse the same documents and agree on every value of the others.
/// </summary>
public sealed class TomllibDifferentialTests
{
    private const int Documents = 4000;
    private const int Seed = 20261120;

    /// <summary>Reads hex documents line by line; answers with the same rendering as <see cref="TomlRendering"/>.</summary>
    private const string Script = """
        import sys, struct, datetime, tomllib
        U = datetime.timezone.utc
        def s(v):
            return '"' + ''.join(c if 32 <= ord(c) <= 126 and c not in '"\\' else '\\{%x}' % ord(c) for c in v) + '"'
        def r(v):
            if isinstance(v, dict):
                return '{' + ', '.join(s(k) + '=' + r(v[k]) for k in sorted(v, key=lambda k: k.encode('utf-16-be'))) + '}'
            if isinstance(v, list): return '[' + ', '.join(r(x) for x in v) + ']'
            if isinstance(v, str): return s(v)
            if isinstance(v, bool): return 'true' if v else 'false'
            if isinstance(v, int):
                if not -2**63 <= v < 2**63: raise OverflowError
                return str(v)
            if isinstance(v, float): return 'nan' if v != v else struct.pack('>d', v).hex()
            if isinstance(v, datetime.datetime):
                kind = 'l'
                if v.tzinfo: v, kind = v.astimezone(U), 'o'
                return kind + v.replace(tzinfo=None).isoformat(timespec='microseconds')
            if isinstance(v, datetime.date): return 'd' + v.isoformat()
            return 't' + v.isoformat(timespec='microseconds')
        for line in sys.stdin:
            try: print(r(tomllib.loads(bytes.fromhex(line).decode())))
            except (ValueError, OverflowError): print('refused')
        """;

    [TomllibFact]
    public async Task Documents_are_refused_and_read_as_tomllib_does()
    {
        var random = new Random(Seed);
        var generator = new TomlGenerator(random);
        List<byte[]> documents = [.. TomlCases.All.Select(Encoding.UTF8.GetBytes)];
        for (var i = 0; i < Documents; i++)
        {
            documents.Add(Encoding.UTF8.GetBytes(generator.Document()));
            documents.Add(generator.Broken(documents[random.Next(documents.Count)]));
        }

        var answers = await AskTomllibAsync(documents);
        List<string> differences = [];
        var accepted = 0;
        foreach (var (document, answer) in documents.Zip(answers))
        {
            var parsed = Toml.Parse(document);
            var own = parsed.HasErrors ? "refused" : TomlRendering.Render(parsed, exact: true);
            accepted += parsed.HasErrors ? 0 : 1;
            if (own != answer && !IsKnownDifference(document))
            {
                differences.Add($"{Encoding.UTF8.GetString(document)}\n  here:    {own}\n  tomllib: {answer}\n  {parsed.Diagnostics.FirstOrDefault()}");
            }
        }

        Assert.True(differences.Count == 0, $"seed {Seed}, {differences.Count} differences\n{string.Join("\n----\n", differences.Take(5))}");
        Assert.InRange(accepted, Documents / 2, documents.Count - (Documents / 4));
    }

    /// <summary>tomllib's load leaves a byte order mark in place and refuses it; second 60 is refused by Python's datetime.</summary>
    private static bool IsKnownDifference(byte[] document) =>
        document.AsSpan().StartsWith("\uFEFF"u8) || document.AsSpan().IndexOf(":60"u8) >= 0;

    private static async Task<string[]> AskTomllibAsync(List<byte[]> documents)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        using var python = Process.Start(start)!;
        var output = python.StandardOutput.ReadToEndAsync();
        foreach (var document in documents)
        {
            await python.StandardInput.WriteLineAsync(Convert.ToHexString(document));
        }

        python.StandardInput.Close();
        var answers = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await python.WaitForExitAsync();
        Assert.Equal(documents.Count, answers.Length);
        return answers;
    }
}

/// <summary>A fact that needs python3 with tomllib; reported as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TomllibFactAttribute : FactAttribute
{
    public TomllibFactAttribute()
    {
        try
        {
            var start = new ProcessStartInfo("python3", ["-c", "import tomllib"]) { RedirectStandardError = true };
            using var python = Process.Start(start)!;
            python.WaitForExit();
            Skip = python.ExitCode == 0 ? null : "python3 has no tomllib (before 3.11)";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip = "there is no python3";
        }
    }
}
