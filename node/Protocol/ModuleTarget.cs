using System.Runtime.InteropServices;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Protocol;

internal enum TargetKind
{
    /// <summary>No route of the download protocol (404).</summary>
    Unknown,

    /// <summary>Not in the escaped form that every client of the protocol sends (400).</summary>
    Malformed,

    /// <summary>Well escaped, and no module or version can have such a name (404).</summary>
    Impossible,

    /// <summary><c>@v/list</c>.</summary>
    List,

    /// <summary><c>@latest</c>, or <c>@v/QUERY.info</c>.</summary>
    Query,

    /// <summary>One of the three files of a canonical version.</summary>
    File,
}

/// <summary>
/// What a request path asks for, by the download protocol (https://go.dev/ref/mod#goproxy-protocol). Only names that
/// Go's own rules admit come out of here; everything behind it may trust them.
/// </summary>
/// <remarks>
/// Two kinds of bad name are told apart. A capital letter, a lone <c>!</c> or a percent sign was sent by something that
/// does not speak the protocol: 400, so that its author sees it at once; no <c>go</c> is harmed, as it never sends one
/// (proxy.golang.org answers so too). A well-escaped name that no module can have, such as <c>gopkg.in</c> or <c>std</c>,
/// is 404: <c>go</c> asks for the parents of an import path, and must go on to the next proxy.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ModuleTarget
{
    /// <summary>The longest path looked at: far beyond real module paths, and with any data folder well within PATH_MAX (4096).</summary>
    public const int MaxLength = 1024;

    /// <summary>The longest path element, escaped: a file name has 255 bytes, and the store needs some for its suffixes.</summary>
    public const int MaxElementLength = 200;

    private const string Versions = "/@v/";
    private const string LatestSuffix = "/@latest";
    private const string EscapingRule = "capital letters are sent as '!' and the small letter, everything else as it is";

    public TargetKind Kind { get; private init; }

    /// <summary>The module path, unescaped and checked; empty for a bad name.</summary>
    public string Path { get; private init; }

    /// <summary>The query, unescaped and checked; set for <see cref="TargetKind.Query"/>.</summary>
    public string Query { get; private init; }

    /// <summary>Set for <see cref="TargetKind.File"/>.</summary>
    public ModuleVersion? Module { get; private init; }

    public ModuleFileKind File { get; private init; }

    /// <summary>Why the name is bad, one sentence; empty otherwise.</summary>
    public string Reason { get; private init; }

    /// <summary>Reads a decoded request path, with its leading slash.</summary>
    public static ModuleTarget Parse(string requestPath)
    {
        var path = requestPath.AsSpan();
        int at = path.LastIndexOf(Versions, StringComparison.Ordinal);
        if (at > 0 && at + Versions.Length < path.Length)
        {
            return Parse(path[1..at], path[(at + Versions.Length)..]);
        }

        return path.Length > LatestSuffix.Length && path.EndsWith(LatestSuffix, StringComparison.Ordinal)
            ? Parse(path[1..^LatestSuffix.Length], default)
            : Bad(TargetKind.Unknown, "");
    }

    /// <summary>Reads <c>PATH@VERSION</c> of a checksum database's look-up: a <see cref="TargetKind.File"/>, or a bad name.</summary>
    public static ModuleTarget ParseLookup(ReadOnlySpan<char> name)
    {
        int at = name.LastIndexOf('@');
        return at <= 0 || at + 1 == name.Length || name[(at + 1)..].Contains('/')
            ? Bad(TargetKind.Malformed, "a look-up is written MODULE@VERSION")
            : Parse(name[..at], $"{name[(at + 1)..]}.zip");
    }

    /// <param name="escapedPath">What stands before <c>/@v/</c> or <c>/@latest</c>.</param>
    /// <param name="leaf">What stands after <c>/@v/</c>; empty for <c>/@latest</c>.</param>
    private static ModuleTarget Parse(ReadOnlySpan<char> escapedPath, ReadOnlySpan<char> leaf)
    {
        if (!FitsBounds(escapedPath, leaf))
        {
            return Bad(
                TargetKind.Impossible,
                $"the name is longer than this node serves ({MaxLength} characters, {MaxElementLength} between slashes)");
        }

        if (!TryUnescape(escapedPath, out string path))
        {
            return Bad(TargetKind.Malformed, "malformed module path: " + EscapingRule);
        }

        if (ModulePath.Check(path) is { } reason)
        {
            return Bad(TargetKind.Impossible, reason);
        }

        if (leaf.IsEmpty)
        {
            return new ModuleTarget { Kind = TargetKind.Query, Path = path, Query = "latest", Reason = "" };
        }

        return leaf.SequenceEqual("list")
            ? new ModuleTarget { Kind = TargetKind.List, Path = path, Query = "", Reason = "" }
            : ParseFile(path, leaf);
    }

    private static ModuleTarget ParseFile(string path, ReadOnlySpan<char> leaf)
    {
        int dot = leaf.LastIndexOf('.');
        if (dot <= 0 || leaf.Contains('/') || !TryKind(leaf[dot..], out var kind))
        {
            return Bad(TargetKind.Unknown, "");
        }

        if (!TryUnescape(leaf[..dot], out string version))
        {
            return Bad(TargetKind.Malformed, "malformed version: " + EscapingRule);
        }

        if (ModuleVersion.Create(path, version, out string? reason) is { } module)
        {
            return new ModuleTarget { Kind = TargetKind.File, Path = path, Module = module, File = kind, Query = "", Reason = "" };
        }

        if (kind != ModuleFileKind.Info)
        {
            return Bad(TargetKind.Impossible, $"{reason}; only a canonical version has a .mod and a .zip");
        }

        // go escapes a query as one file name, so a branch with a slash never arrives (module.EscapeVersion). A leading
        // hyphen could be taken for an option by git.
        return version.StartsWith('-') || ModulePath.CheckFile(version) is not null
            ? Bad(TargetKind.Impossible, "no version, branch, tag or commit can be asked for under this name")
            : new ModuleTarget { Kind = TargetKind.Query, Path = path, Query = version, Reason = "" };
    }

    private static bool FitsBounds(ReadOnlySpan<char> escapedPath, ReadOnlySpan<char> leaf)
    {
        if (escapedPath.Length + leaf.Length > MaxLength || leaf.Length > MaxElementLength)
        {
            return false;
        }

        foreach (var element in escapedPath.Split('/'))
        {
            if (escapedPath[element].Length > MaxElementLength)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A percent sign left after decoding was an encoded slash, bytes that are no UTF-8, or encoded twice: no name has one.</summary>
    private static bool TryUnescape(ReadOnlySpan<char> escaped, out string unescaped)
    {
        unescaped = "";
        return !escaped.Contains('%') && ModulePath.TryUnescape(escaped, out unescaped);
    }

    private static bool TryKind(ReadOnlySpan<char> extension, out ModuleFileKind kind)
    {
        (bool known, kind) = extension switch
        {
            ".info" => (true, ModuleFileKind.Info),
            ".mod" => (true, ModuleFileKind.Mod),
            ".zip" => (true, ModuleFileKind.Zip),
            _ => (false, default),
        };
        return known;
    }

    private static ModuleTarget Bad(TargetKind kind, string reason) => new() { Kind = kind, Path = "", Query = "", Reason = reason };
}
