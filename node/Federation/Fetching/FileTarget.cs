using System.Security.Cryptography;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Microsoft.Win32.SafeHandles;

namespace Athens.Federation.Node.Federation.Fetching;

/// <summary>Where the bytes of one file go, and how they are judged when all are there. One writer.</summary>
internal abstract class FileTarget
{
    /// <summary>The file as it stands in logs: "the zip".</summary>
    public abstract string What { get; }

    /// <summary>Forgets everything and begins at the first byte.</summary>
    public abstract void Restart();

    /// <summary>Adds bytes at the end of what is there.</summary>
    /// <exception cref="IOException">The disk; never a holder's fault.</exception>
    public abstract void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Null when the bytes are those that <paramref name="request"/> asked for, else the evidence.</summary>
    public abstract string? Judge(FileRequest request);

    /// <summary>SHA-256 of a range of what is there, to find out who of several holders sent wrong bytes.</summary>
    public abstract string HashOf(long offset, long length);

    protected static string? Compare(string expected, string computed) =>
        string.Equals(expected, computed, StringComparison.Ordinal) ? null : $"its record states sha256 {expected}, the bytes sent have {computed}";
}

/// <summary>.info or .mod: kept in memory, which grows only with what really comes.</summary>
internal sealed class SmallTarget(string what, Func<FileRequest, ReadOnlyMemory<byte>, string?> judge) : FileTarget
{
    private byte[] bytes = [];
    private int length;

    public override string What => what;

    public override void Restart() => length = 0;

    public override void Append(ReadOnlySpan<byte> more)
    {
        if (bytes.Length - length < more.Length)
        {
            Array.Resize(ref bytes, Math.Max(length + more.Length, bytes.Length * 2));
        }

        more.CopyTo(bytes.AsSpan(length));
        length += more.Length;
    }

    public override string? Judge(FileRequest request) => judge(request, bytes.AsMemory(0, length));

    public override string HashOf(long offset, long count) =>
        Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan((int)offset, (int)count)));

    public byte[] ToArray() => bytes.AsSpan(0, length).ToArray();

    /// <summary>An .info must be what its holder's record says, and what <c>go</c> takes for one.</summary>
    public static SmallTarget Info() => new(
        "the .info",
        static (request, bytes) => Compare(request.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes.Span)))
            ?? InfoFile.Check(bytes, request.Module.Version));

    /// <summary>A go.mod must have the h1 that all records agree on.</summary>
    public static SmallTarget Mod(string modHash) => new(
        "the .mod",
        (_, bytes) => DirHash.OfGoMod(bytes.Span) is var computed && computed == modHash
            ? null
            : $"its record states {modHash}, the bytes sent have {computed}");
}

/// <summary>A zip that comes in one stream: on disk, its SHA-256 kept up as it comes.</summary>
internal sealed class ZipTarget : FileTarget, IDisposable
{
    private readonly SafeFileHandle file;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long length;

    /// <exception cref="IOException">The file cannot be made.</exception>
    public ZipTarget(string path) =>
        file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);

    public override string What => "the zip";

    public override void Restart()
    {
        RandomAccess.SetLength(file, 0);
        length = 0;
        _ = hash.GetHashAndReset();
    }

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(file, bytes, length);
        hash.AppendData(bytes);
        length += bytes.Length;
    }

    public override string? Judge(FileRequest request) =>
        Compare(request.Sha256, Convert.ToHexStringLower(hash.GetCurrentHash()));

    public override string HashOf(long offset, long count)
    {
        using IncrementalHash range = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[FetchLimits.MostFrame];
        while (count > 0)
        {
            int read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, count)), offset);
            if (read == 0)
            {
                throw new IOException("the staged zip became shorter while it was read");
            }

            range.AppendData(buffer.AsSpan(0, read));
            offset += read;
            count -= read;
        }

        return Convert.ToHexStringLower(range.GetHashAndReset());
    }

    public void Dispose()
    {
        file.Dispose();
        hash.Dispose();
    }
}
