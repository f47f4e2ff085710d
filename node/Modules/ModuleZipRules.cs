using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Athens.Federation.Node.Modules;

/// <summary>Go's rules for the names and declared sizes in a module zip (golang.org/x/mod/zip, CheckZip).</summary>
internal sealed class ModuleZipRules
{
    /// <summary>Bytes of the root's go.mod and of its LICENSE (zip.MaxGoMod, zip.MaxLICENSE).</summary>
    public const int MaxRootFile = 16 << 20;

    private readonly ZipDirectory directory;
    private readonly byte[] prefix;
    private long total;

    public ModuleZipRules(ZipDirectory directory, ModuleVersion module)
    {
        this.directory = directory;
        prefix = Encoding.UTF8.GetBytes($"{module}/");
    }

    private static ReadOnlySpan<byte> GoMod => "go.mod"u8;

    /// <summary>All entries, one by one and with one another; null when every rule holds.</summary>
    public string? Check()
    {
        char[] characters = ArrayPool<char>.Shared.Rent(ushort.MaxValue);
        try
        {
            foreach (ref readonly ZipEntry entry in directory.Entries.AsSpan())
            {
                string? wrong = CheckEntry(entry, characters);
                if (wrong is not null)
                {
                    return wrong;
                }
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }

        return CheckCollisions();
    }

    public bool IsRootGoMod(in ZipEntry entry) => directory.NameOf(entry)[prefix.Length..].SequenceEqual(GoMod);

    private string? CheckEntry(in ZipEntry entry, char[] characters)
    {
        ReadOnlySpan<byte> name = directory.NameOf(entry);
        if (Utf8.ToUtf16(name, characters, out _, out int length, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            return $"has an entry \"{Shown.Text(Encoding.UTF8.GetString(name))}\" whose name is not UTF-8";
        }

        ReadOnlySpan<char> text = characters.AsSpan(0, length);
        if (!name.StartsWith(prefix))
        {
            return $"has an entry \"{Shown.Text(text)}\" outside of {Shown.Text(Encoding.UTF8.GetString(prefix))}";
        }

        name = name[prefix.Length..];
        text = text[prefix.Length..]; // a module path and a version are ASCII
        bool isFolder = name.IsEmpty || name[^1] == '/';
        string? wrong = name.IsEmpty ? null : ModulePath.CheckFile(isFolder ? text[..^1] : text);
        if (wrong is not null)
        {
            return $"breaks a rule: {wrong}";
        }

        return isFolder
            ? entry.Size == 0 ? null : $"has a folder \"{Shown.Text(text)}\" with content"
            : CheckGoMod(name) ?? CheckSize(name, entry.Size);
    }

    private static string? CheckGoMod(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> last = name[(name.LastIndexOf((byte)'/') + 1)..];
        if (!Ascii.EqualsIgnoreCase(last, GoMod) || name.SequenceEqual(GoMod))
        {
            return null;
        }

        string shown = Shown.Text(Encoding.UTF8.GetString(name));
        return last.Length == name.Length
            ? $"has \"{shown}\", which must be written go.mod"
            : $"has \"{shown}\": a go.mod may stand only in the module's root";
    }

    private string? CheckSize(ReadOnlySpan<byte> name, uint size)
    {
        total += size;
        if (total > ModuleZip.MaxSize)
        {
            return $"holds more than {ModuleZip.MaxSize} bytes of files";
        }

        return size > MaxRootFile && (name.SequenceEqual(GoMod) || name.SequenceEqual("LICENSE"u8))
            ? $"has a {Encoding.UTF8.GetString(name)} of {size} bytes; it may have {MaxRootFile}"
            : null;
    }

    private string? CheckCollisions()
    {
        int[] order = NewOrder(directory.Entries.Length);
        Array.Sort(order, (l, r) => NameCollisions.CompareFolded(PlainName(l, out _), PlainName(r, out _)));
        for (int i = 1; i < order.Length; i++)
        {
            ReadOnlySpan<byte> left = PlainName(order[i - 1], out bool leftIsFolder);
            ReadOnlySpan<byte> right = PlainName(order[i], out bool rightIsFolder);
            string? wrong = NameCollisions.Find(left, leftIsFolder, right, rightIsFolder);
            if (wrong is not null)
            {
                return wrong;
            }
        }

        return null;
    }

    // Under the module's root folder, which every name has and which is a name too; a folder's slash is not part of it.
    private ReadOnlySpan<byte> PlainName(int index, out bool isFolder)
    {
        ReadOnlySpan<byte> name = directory.NameOf(directory.Entries[index])[(prefix.Length - 1)..];
        isFolder = name[^1] == '/';
        return isFolder ? name[..^1] : name;
    }

    public static int[] NewOrder(int length)
    {
        int[] order = new int[length];
        for (int i = 0; i < length; i++)
        {
            order[i] = i;
        }

        return order;
    }
}
