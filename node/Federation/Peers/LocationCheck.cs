using System.Text;
using Athens.Federation.Node.Modules;
using Athens.Federation.Node.Provenance;
using Athens.Federation.Node.Transparency;
using Google.Protobuf;
using Wire = Athens.Federation.V1;

namespace Athens.Federation.Node.Federation.Peers;

/// <summary>
/// Is what a peer says of a module version signed by its log and free of contradictions? What fails here is a lie, since no
/// honest node would have said it.
/// </summary>
internal static class LocationCheck
{
    /// <summary>federation.proto, Location.record.</summary>
    public const int MaxRecord = 16 << 10;

    private const int HashSize = 32;

    /// <summary>A part of a peer's own words that goes into the log as evidence.</summary>
    private const int MaxEvidence = 2 << 10;

    /// <summary>The record of a peer that says it holds the module version; null and the lie when something is wrong with it.</summary>
    public static ModuleRecord? Examine(ModuleVersion module, Wire.Location location, NoteVerifier log, out string? lie)
    {
        if (Record(module, location.Record, log, out lie) is not { } record)
        {
            return null;
        }

        lie = Disagreement(location, record);
        if (lie is null)
        {
            return record;
        }

        lie = $"{lie}; {Shown(location.Record)}";
        return null;
    }

    /// <summary>A record that this log has signed, of this module version; null and what is wrong with it.</summary>
    public static ModuleRecord? Record(ModuleVersion module, ByteString note, NoteVerifier log, out string? lie)
    {
        if (note.Length > MaxRecord)
        {
            lie = $"a record of {note.Length} bytes";
            return null;
        }

        ModuleRecord? record = null;
        if (SignedNote.Parse(note.Span, out lie) is { } signed)
        {
            if (!signed.IsSignedBy(log))
            {
                lie = $"the record is not signed by the log {log}";
            }
            else if ((record = ModuleRecord.Parse(signed.Text, out lie)) is not null && record.Module != module)
            {
                lie = $"asked for {module}, it gave a record of {record.Module}";
            }
        }

        if (lie is null)
        {
            return record;
        }

        lie = $"{lie}; {Shown(note)}";
        return null;
    }

    private static string? Disagreement(Wire.Location location, ModuleRecord record)
    {
        if (location.ZipSha256.Length != HashSize
            || !string.Equals(Convert.ToHexStringLower(location.ZipSha256.Span), record.Zip.Sha256, StringComparison.Ordinal))
        {
            return "its zip has another SHA-256 than in its record";
        }

        if (location.ZipSize != (ulong)record.Zip.Size || location.InfoSize != (ulong)record.Info.Size)
        {
            return "its files have other sizes than in its record";
        }

        return ChunkDisagreement(location.Chunks.Span, record);
    }

    private static string? ChunkDisagreement(ReadOnlySpan<byte> chunks, ModuleRecord record)
    {
        int count = ChunkRules.Count(record.Zip.Size);
        if (chunks.Length != count * HashSize)
        {
            return $"{chunks.Length} bytes of chunk hashes for a zip of {record.Zip.Size} bytes";
        }

        return count == 0 || string.Equals(ChunkRules.RootOf(chunks), record.ChunkRoot, StringComparison.Ordinal)
            ? null
            : "its chunk hashes are not those in its record";
    }

    private static string Shown(ByteString note) =>
        "it said: " + Encoding.UTF8.GetString(note.Span[..Math.Min(note.Length, MaxEvidence)]);
}
