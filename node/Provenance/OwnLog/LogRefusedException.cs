namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>The log takes nothing: it is closed, or signing has stopped until a person decides. The message says why and what to do.</summary>
internal sealed class LogRefusedException(string message) : IOException(message);
