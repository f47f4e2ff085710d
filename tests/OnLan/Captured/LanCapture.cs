using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Athens.Federation.Tests.Support;

namespace Athens.Federation.Tests.OnLan.Captured;

/// <summary>All that passes over an office's bridge, written down by tcpdump.</summary>
internal sealed partial class LanCapture : IDisposable
{
    private const int FileHeader = 24;
    private const int FrameHeader = 16;
    private const uint Microseconds = 0xA1B2C3D4;

    private static readonly Lazy<string?> Why = new(() => Office.Missing
        ?? (Array.Exists(["/usr/bin/tcpdump", "/usr/sbin/tcpdump"], File.Exists) ? null : "tcpdump is missing: run tools/lib/test-packages"));

    private readonly TemporaryFolder folder = new("capture");
    private readonly Process process;
    private readonly Task<string> said;

    private LanCapture(Office office)
    {
        // Room for all that a busy machine leaves waiting; root all along, as the folder is root's.
        process = Process.Start(Office.At(office.Switch, "tcpdump", "-Z", "root", "-n", "-U", "--immediate-mode", "-B", "32768", "-i", "lan", "-w", Path))!;
        said = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Why there can be none; null where there can.</summary>
    public static string? Missing => Why.Value;

    private string Path => folder.File("lan.pcap");

    /// <summary>Begins; what is said on the LAN after this returns is written down.</summary>
    public static async Task<LanCapture> StartAsync(Office office)
    {
        LanCapture capture = new(office);
        await Integration.ShortPause.UntilAsync(() => Task.FromResult(new FileInfo(capture.Path)), static file => file.Exists && file.Length >= FileHeader);
        return capture;
    }

    /// <summary>Ends: every frame, and none was missed.</summary>
    public async Task<IReadOnlyList<Frame>> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])!)
        {
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        var end = await said;
        Assert.True(Dropped().Match(end) is { Success: true, Groups: [_, { Value: "0" }] }, end);
        return Read(await File.ReadAllBytesAsync(Path));
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
        folder.Dispose();
    }

    /// <summary>The file's form is pcap's (draft-ietf-opsawg-pcap), in this machine's byte order, with microseconds.</summary>
    private static List<Frame> Read(byte[] file)
    {
        Assert.Equal(Microseconds, BinaryPrimitives.ReadUInt32LittleEndian(file));
        List<Frame> frames = [];
        for (var at = FileHeader; at < file.Length;)
        {
            var header = file.AsSpan(at, FrameHeader);
            var time = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32LittleEndian(header)).AddMicroseconds(BinaryPrimitives.ReadUInt32LittleEndian(header[4..]));
            var length = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
            Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(header[12..]));
            frames.Add(new Frame(time, file.AsMemory(at + FrameHeader, length)));
            at += FrameHeader + length;
        }

        return frames;
    }

    [GeneratedRegex("^([0-9]+) packets? dropped by kernel", RegexOptions.Multiline)]
    private static partial Regex Dropped();
}

/// <summary>One Ethernet frame.</summary>
/// <param name="Time">When it passed.</param>
/// <param name="Bytes">All of it.</param>
internal sealed record Frame(DateTimeOffset Time, ReadOnlyMemory<byte> Bytes);

/// <summary>A test that captures a LAN of its own; skipped, and counted as such, where it cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithCaptureAttribute : FactAttribute
{
    public FactWithCaptureAttribute() => Skip = LanCapture.Missing ?? ZeroconfRights.Missing;
}
