namespace Makaretu.Dns;

/// <summary>
/// Classes of resource records (RFC 1035). On multicast the top bit has a meaning of its own: "unicast answers are welcome" in a question, "all
/// of this name, type and class" in an answer (RFC 6762 sections 5.4 and 10.2). It is left in what was received.
/// </summary>
public enum DnsClass : ushort
{
    IN = 1,

    /// <summary>In questions: any class.</summary>
    ANY = 255,
}
