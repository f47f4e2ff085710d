using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>What federation.proto demands of requests; whatever breaks it is INVALID_ARGUMENT with the reason.</summary>
internal static class RequestRules
{
    public const int MaxModules = 64;

    public const int MaxWait = 30_000;

    public const int MaxNameBytes = 64;

    public const int MaxQueryBytes = 256;

    private const int Sha256Size = 32;

    public static ModuleVersion Module(Wire.ModuleVersion? module) =>
        module is null
            ? throw Refusal.Invalid("the request names no module version")
            : ModuleVersion.Create(module.Path, module.Version, out string? reason) ?? throw Refusal.Invalid(reason!);

    public static IReadOnlyList<ModuleVersion> Modules(Wire.LocateRequest request)
    {
        if (request.Modules.Count is 0 or > MaxModules)
        {
            throw Refusal.Invalid($"a request is for 1 to {MaxModules} module versions, not {request.Modules.Count}");
        }

        if (request.WaitMs > MaxWait)
        {
            throw Refusal.Invalid($"nobody waits longer than {MaxWait} ms, and {request.WaitMs} were asked for");
        }

        return [.. request.Modules.Select(Module)];
    }

    public static string Path(string path) =>
        ModulePath.Check(path) is { } reason ? throw Refusal.Invalid(reason) : path;

    public static VersionQuery Query(Wire.ResolveRequest request)
    {
        VersionQuery query = new(Path(request.Path), request.Query);
        if (Encoding.UTF8.GetByteCount(request.Query) > MaxQueryBytes)
        {
            throw Refusal.Invalid($"a query has at most {MaxQueryBytes} bytes");
        }

        return query.Malformed() is { } reason ? throw Refusal.Invalid(reason) : query;
    }

    public static void Introduction(Wire.WhoAreYouRequest request)
    {
        if (Encoding.UTF8.GetByteCount(request.Software) > MaxNameBytes || Encoding.UTF8.GetByteCount(request.Name) > MaxNameBytes)
        {
            throw Refusal.Invalid($"software and name have at most {MaxNameBytes} bytes each");
        }
    }

    public static ModuleFileKind File(Wire.FetchRequest.Types.File file) => file switch
    {
        Wire.FetchRequest.Types.File.Info => ModuleFileKind.Info,
        Wire.FetchRequest.Types.File.Mod => ModuleFileKind.Mod,
        Wire.FetchRequest.Types.File.Zip => ModuleFileKind.Zip,
        _ => throw Refusal.Invalid("the file wanted is none of INFO, MOD and ZIP"),
    };

    /// <summary>64 lower-case hex digits, or null when any file will do.</summary>
    public static string? Sha256(ByteString sha256) => sha256.Length switch
    {
        0 => null,
        Sha256Size => Convert.ToHexStringLower(sha256.Span),
        _ => throw Refusal.Invalid($"a SHA-256 has {Sha256Size} bytes, not {sha256.Length}"),
    };
}
