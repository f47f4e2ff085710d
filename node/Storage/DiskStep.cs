using Athens.Federation.Node.Modules;

namespace Athens.Federation.Node.Storage;

/// <summary>The boundaries between the steps of an admission, in their order. A crash at any of them must do no harm.</summary>
internal enum DiskStep
{
    /// <summary>All bytes are in the staging folder and synced.</summary>
    Synced,

    /// <summary>The database knows that an admission has begun.</summary>
    Begun,
    ZipPlaced,
    ZipHashPlaced,
    ModPlaced,
    InfoPlaced,

    /// <summary>The folder is synced: the files are there after a power failure.</summary>
    FolderSynced,

    /// <summary>The facts are durable: from here on the module version is stored.</summary>
    Committed,

    /// <summary>The list is written and synced.</summary>
    Listed,
}

/// <summary>Called at each boundary; tests stop or fail an admission there.</summary>
internal delegate ValueTask DiskStepReached(DiskStep step, ModuleVersion module);
