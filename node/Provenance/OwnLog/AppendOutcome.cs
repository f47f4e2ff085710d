using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Provenance.OwnLog;

internal enum AppendKind
{
    /// <summary>The record is in the log, and a signed head that has it is published.</summary>
    Appended,

    /// <summary>A record of the module version with the same hashes was there already.</summary>
    Known,

    /// <summary>A record with other hashes is there. A security failure; nothing was appended.</summary>
    Conflicting,
}

/// <summary>How an attempt to append ended.</summary>
/// <param name="Kind">How.</param>
/// <param name="Number">Of the record that the log has of the module version now.</param>
/// <param name="Record">That record.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AppendOutcome(AppendKind Kind, long Number, ModuleRecord Record)
{
    /// <summary>What a further attempt for the same module version comes to.</summary>
    public static AppendOutcome Meet(ModuleRecord wanted, long number, ModuleRecord there) => new(
        string.Equals(wanted.ZipHash, there.ZipHash, StringComparison.Ordinal) && string.Equals(wanted.ModHash, there.ModHash, StringComparison.Ordinal)
            ? AppendKind.Known
            : AppendKind.Conflicting,
        number,
        there);
}
