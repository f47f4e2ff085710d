namespace Athens.Federation.Node.Protocol;

/// <summary>
/// A buffer that a connection fills and sends. Pinned, so that a send does not have to pin it and a collection does not have to move it.
/// </summary>
internal abstract class OutputBlock
{
    public abstract Memory<byte> Bytes { get; }

    /// <summary>Gives it back; not to be touched any more.</summary>
    public abstract void Return();

    protected static byte[] Allocate(int size) => GC.AllocateUninitializedArray<byte>(size, pinned: true);
}
