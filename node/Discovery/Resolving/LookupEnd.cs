namespace Athens.Federation.Node.Discovery.Resolving;

/// <summary>How asking DNS ended.</summary>
internal enum LookupEnd
{
    Found,

    /// <summary>There is no such name, or nothing of this kind under it.</summary>
    Absent,

    /// <summary>Nobody could say.</summary>
    Failed,
}
