namespace Athens.Federation.Node.Federation.Peers;

/// <summary>How long an answer is waited for.</summary>
/// <param name="Length">From when the call is made.</param>
/// <param name="IsLastResort">The peer is asked although it is set aside for being slow.</param>
internal readonly record struct CallPatience(TimeSpan Length, bool IsLastResort = false);
