namespace Makaretu.Dns;

/// <summary>How a query ended (RFC 1035 section 4.1.1). Others are read and kept as numbers.</summary>
public enum MessageStatus : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,

    /// <summary>There is no such name.</summary>
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
}
