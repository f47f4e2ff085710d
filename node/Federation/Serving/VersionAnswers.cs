using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Retrieval;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Serving;

/// <summary>Answers Versions and Resolve out of what is held.</summary>
internal sealed class VersionAnswers(IModuleStore store, PublicView view, PeerLimits limits)
{
    /// <summary>Bytes of a list: with it a message stays under the 4 MiB that gRPC clients take unless told otherwise.</summary>
    private const int MaxListBytes = 3 << 20;

    /// <summary>Held versions of a path that are read and sorted for the price of one plain call: about as long as that takes.</summary>
    private const int VersionsOfACall = 100;

    /// <summary>Tag and length of a string in a message.</summary>
    private const int FieldBytes = 3;

    public async Task<Wire.VersionsResponse> VersionsAsync(ServedCall call, Wire.VersionsRequest request)
    {
        string path = RequestRules.Path(request.Path);
        IReadOnlyList<ModuleFacts> held = await HeldAsync(call, path);
        VersionList list = HeldVersions.Merge(path, held.Select(static facts => facts.Module.Version), []);
        Wire.VersionsResponse response = new();
        response.Versions.AddRange(Newest(list.Versions));
        return response;
    }

    public async Task<Wire.ResolveResponse> ResolveAsync(ServedCall call, Wire.ResolveRequest request)
    {
        VersionQuery query = RequestRules.Query(request);
        IReadOnlyList<ModuleFacts> held = await HeldAsync(call, query.Path);
        if (Meant(held, query.Query) is not { } facts
            || await view.FindAsync(facts.Module, call.Peer, call.Cancelled) is not { } found
            || await StoredInfo.OpenAsync(store, facts.Module, call.Cancelled) is not { } info)
        {
            throw Refusal.NotHeld(query.ToString());
        }

        return new Wire.ResolveResponse
        {
            Version = facts.Module.Version,
            Record = found.Record,
            Info = UnsafeByteOperations.UnsafeWrap(info),
        };
    }

    private async Task<IReadOnlyList<ModuleFacts>> HeldAsync(ServedCall call, string path)
    {
        IReadOnlyList<ModuleFacts> held = await view.VersionsAsync(path, call.Peer, call.Cancelled);
        limits.Charge(call.Peer, held.Count / VersionsOfACall);
        return held;
    }

    private static ModuleFacts? Meant(IReadOnlyList<ModuleFacts> held, string query) =>
        query == VersionQuery.Latest
            ? HeldVersions.Latest(held)
            : held.FirstOrDefault(facts => facts.Module.Version == query) ?? HeldVersions.Find(held, query);

    // Sorted: the newest stand at the end, and a list that is too long loses its oldest.
    private static IEnumerable<string> Newest(IReadOnlyList<string> versions)
    {
        int first = Math.Max(0, versions.Count - TaggedVersions.MaxVersions);
        long bytes = 0;
        int from = versions.Count;
        while (from > first && (bytes += versions[from - 1].Length + FieldBytes) <= MaxListBytes)
        {
            from--;
        }

        return versions.Skip(from);
    }
}
