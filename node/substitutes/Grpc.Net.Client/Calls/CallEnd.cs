using Grpc.Core;

namespace Grpc.Net.Client.Calls;

/// <summary>How a call ended. It ends once; whatever comes later changes nothing.</summary>
/// <param name="Status">What the caller is told.</param>
/// <param name="Trailers">The server's, without status and message; empty when it sent none.</param>
/// <param name="Canceled">The caller's token or its deadline ended it here.</param>
internal sealed record CallEnd(Status Status, Metadata Trailers, bool Canceled = false);
