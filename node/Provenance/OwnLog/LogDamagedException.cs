namespace Athens.Federation.Node.Provenance.OwnLog;

/// <summary>What is stored of the node's own log does not fit together. The message is the end of a sentence that begins "the log's database is damaged:".</summary>
internal sealed class LogDamagedException(string message) : IOException(message);
