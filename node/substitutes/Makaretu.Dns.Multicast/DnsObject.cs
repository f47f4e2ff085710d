namespace Makaretu.Dns;

/// <summary>Something that has a form on the wire.</summary>
public abstract class DnsObject : IWireSerialiser
{
    /// <summary>Fills this object, which is returned.</summary>
    /// <exception cref="InvalidDataException">The bytes are something else. The published package throws what its readers throw.</exception>
    public IWireSerialiser Read(byte[] buffer) => TryRead(buffer) ? this : throw new InvalidDataException("The bytes are no DNS message.");

    public byte[] ToByteArray() => Write();

    private protected abstract bool TryRead(ReadOnlySpan<byte> buffer);

    private protected abstract byte[] Write();
}
