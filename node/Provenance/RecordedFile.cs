namespace Athens.Federation.Node.Provenance;

/// <summary>A file as a record names it.</summary>
/// <param name="Sha256">64 lower-case hex digits.</param>
/// <param name="Size">Bytes.</param>
internal sealed record RecordedFile(string Sha256, long Size);
