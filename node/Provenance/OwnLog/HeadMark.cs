using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Athens.Federation.Node.Transparency;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>
/// Remembers, apart from the log's database, the greatest head that was signed (<c>&lt;data&gt;/keys/log.head</c>): a database that was put back
/// from a backup is older than this, and must not be signed on from. Each head is written here before it is published: one sync of a few bytes in place, which
/// costs a batch of appends about as much as its own commit, and a batch shares it as it shares that one. The database comes first, so after a crash
/// between the two the mark is behind, never ahead.
/// </summary>
/// <remarks>Two slots are written by turns, each with a checksum: a torn write spoils the newer one only.</remarks>
internal sealed class HeadMark : IDisposable
{
    /// <summary>Bytes of a slot: a name of at most 255, a number, a root and a checksum are less. Slots do not share a disk sector.</summary>
    private const int SlotSize = 512;

    private const int Slots = 2;
    private const int ChecksumDigits = 64;

    private readonly SafeFileHandle file;
    private readonly string logName;
    private int next;

    private HeadMark(SafeFileHandle file, string logName)
    {
        this.file = file;
        this.logName = logName;
    }

    /// <summary>The greatest head that was signed; null when none was, or by another key only.</summary>
    public TreeHead? Last { get; private set; }

    /// <summary>Where the mark lies, beside the keys: they are what a backup of its own is made of.</summary>
    public static string PathIn(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), "keys", "log.head");

    /// <summary>Opens the mark, made when missing. Touches the disk.</summary>
    /// <exception cref="IOException">It cannot be used; the message says what to do.</exception>
    /// <param name="dataFolder">The node's.</param>
    /// <param name="logName">The log's.</param>
    /// <param name="formerName">Its name before a rotation of its key: what was marked then is of the same tree. Null when there was none.</param>
    public static HeadMark Open(string dataFolder, string logName, string? formerName = null)
    {
        var path = PathIn(dataFolder);
        try
        {
            if (DurableFile.TryCreate(path, new byte[Slots * SlotSize]))
            {
                DurableFile.Sync(Path.GetDirectoryName(path)!);
            }

            var mark = new HeadMark(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read), logName);
            mark.Read(path, formerName);
            return mark;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"The log's mark {path} cannot be used: {error.Message} Give it to the user that runs athens.", error);
        }
    }

    /// <summary>Takes the mark out of use, with the log whose heads it marks.</summary>
    /// <param name="dataFolder">The node's.</param>
    /// <param name="into">An existing folder of the same file system.</param>
    public static void Retire(string dataFolder, string into)
    {
        var path = PathIn(dataFolder);
        if (File.Exists(path))
        {
            File.Move(path, Path.Combine(into, "log.head"));
            DurableFile.Sync(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Remembers a head, durably when it returns. Waits for the disk.</summary>
    public void Write(TreeHead head)
    {
        var slot = new byte[SlotSize];
        var text = string.Create(CultureInfo.InvariantCulture, $"{logName}\n{head.Size}\n{head.Root}\n");
        Encoding.UTF8.GetBytes(text + Checksum(text) + "\n", slot);
        RandomAccess.Write(file, slot, next * SlotSize);
        RandomAccess.FlushToDisk(file);
        next = (next + 1) % Slots;
        Last = head;
    }

    public void Dispose() => file.Dispose();

    private void Read(string path, string? formerName)
    {
        var bytes = new byte[Slots * SlotSize];
        RandomAccess.Read(file, bytes, 0);

        // With a slot that was never written the other one is the first, whose writing was interrupted: before it was done nothing was published.
        var isFirst = Enumerable.Range(0, Slots).Any(i => bytes.AsSpan(i * SlotSize, SlotSize).IndexOfAnyExcept((byte)0) < 0);
        var found = Enumerable.Range(0, Slots).Select(i => (Slot: i, Mark: ReadSlot(bytes.AsSpan(i * SlotSize, SlotSize)))).Where(one => one.Mark is not null).ToList();
        if (!isFirst && found.Count == 0)
        {
            throw new IOException($"The log's mark {path} is damaged. Put it back from a backup; without one run 'athens log recover'.");
        }

        var own = found.Where(one => one.Mark!.Value.Name == logName || one.Mark.Value.Name == formerName).OrderBy(one => one.Mark!.Value.Head.Size).ToList();
        if (own.Count > 0)
        {
            Last = own[^1].Mark!.Value.Head;
            next = (own[^1].Slot + 1) % Slots;
        }
    }

    private static (string Name, TreeHead Head)? ReadSlot(ReadOnlySpan<byte> slot)
    {
        var end = slot.IndexOf((byte)0);
        var lines = end < 0 ? [] : Encoding.UTF8.GetString(slot[..end]).Split('\n');
        return lines.Length == 5
            && lines[3].Length == ChecksumDigits
            && string.Equals(Checksum($"{lines[0]}\n{lines[1]}\n{lines[2]}\n"), lines[3], StringComparison.Ordinal)
            && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && MerkleHash.TryParse(lines[2], out var root)
                ? (lines[0], new TreeHead(size, root))
                : null;
    }

    private static string Checksum(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
