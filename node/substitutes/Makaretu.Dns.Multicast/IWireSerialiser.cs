namespace Makaretu.Dns;

/// <summary>What can be read from, and written as, the bytes of the DNS protocol.</summary>
public interface IWireSerialiser;
