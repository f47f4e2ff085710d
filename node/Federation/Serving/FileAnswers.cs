using System.Diagnostics;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Athens.Federation.Node.Telemetry;
using Grpc.Core;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Answers Fetch.</summary>
internal sealed class FileAnswers(IModuleStore store, PublicView view, Holdings holdings, FrameSender sender)
{
    public async Task FetchAsync(ServedCall call, Wire.FetchRequest request, IServerStreamWriter<Wire.FetchFrame> frames)
    {
        ModuleVersion module = RequestRules.Module(request.Module);
        ModuleFileKind kind = RequestRules.File(request.File);
        string? sha256 = RequestRules.Sha256(request.Sha256);
        using StoredFile file = await OpenAsync(call, module, kind, sha256);
        await sender.SendAsync(file, module, FilePart.Of(request, file.Length), call, frames);
    }

    private async Task<StoredFile> OpenAsync(ServedCall call, ModuleVersion module, ModuleFileKind kind, string? sha256)
    {
        using Activity? span = Tracing.Source.StartActivity("store");
        if (await view.FactsAsync(module, call.Peer, call.Cancelled) is not { } facts)
        {
            throw Refusal.NotHeld(module.ToString());
        }

        RequireSame(facts[kind], sha256, module);
        if (await store.OpenAsync(module, kind, call.Cancelled) is not { } file)
        {
            holdings.Forget(module);
            throw Refusal.NotHeld(module.ToString());
        }

        try
        {
            // Again: it may have been replaced between the two.
            RequireSame(file.Digest, sha256, module);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void RequireSame(FileDigest digest, string? sha256, ModuleVersion module)
    {
        if (sha256 is not null && !string.Equals(digest.Sha256, sha256, StringComparison.Ordinal))
        {
            throw Refusal.Of(StatusCode.FailedPrecondition, $"the file of {module} held here has the SHA-256 {digest.Sha256}");
        }
    }
}
