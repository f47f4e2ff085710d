using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Upstream;

/// <summary>
/// Tells the failures of <c>go</c> apart by its words: it has no other way of saying them. The order of the groups is
/// the point: a security failure wins over all, and "does not exist" is believed only when no sign of a network or
/// server failure stands beside it, for 404 sends the developer's <c>go</c> on to the next proxy.
/// </summary>
internal static class GoFailure
{
    private static readonly string[] Security =
    [
        "SECURITY ERROR", "checksum mismatch", "inconsistent tile", "server misbehavior",
        "tree note is not signed", "invalid signature", "inconsistent with", "does not match the known hash",
    ];

    private static readonly string[] NoSpace = ["no space left on device", "No space left on device", "disk quota exceeded", "Disk quota exceeded"];

    /// <summary>This node's disk, its commands, its own settings.</summary>
    private static readonly string[] OwnFault =
    [
        "read-only file system", "too many open files",
        "cannot allocate memory", "executable file not found", "fork/exec ", "resource temporarily unavailable",
        "invalid GOSUMDB", "malformed verifier", "unrecognized GOSUMDB", "missing GOSUMDB", "invalid proxy URL",
        "parsing GOPROXY", "GOPROXY list is not the empty string", "no proxy URLs", "flag provided but not defined",
        "malformed GOVCS", "parsing $GOFLAGS", "toolchain not available", "; GOTOOLCHAIN=local)", "input/output error",
    ];

    private static readonly string[] LocalFile = ["open /", "mkdir /", "rename /", "chmod /", "unlinkat /", "stat /"];

    private static readonly string[] Refused =
    [
        "403 Forbidden", "401 Unauthorized", "402 Payment Required", "451 Unavailable For Legal Reasons",
        "returned error: 401", "returned error: 403", "returned error: 451",
        "Permission denied (", "Permission denied, please try again", "Authentication failed", "authentication required",
        "Access denied", "access denied", "Host key verification failed", "Invalid username or password",
        "GOVCS disallows", "no secure protocol found for repository", "insecure protocol", "refusing to pass credentials",
        "Support for password authentication was removed", "the repository is private", "SAML SSO",
    ];

    private static readonly string[] Unreachable =
    [
        "connection refused", "Connection refused", "connection reset", "Connection reset", "no such host",
        "Could not resolve host", "Temporary failure in name resolution", "server misbehaving", "i/o timeout",
        "TLS handshake timeout", "Client.Timeout", "context deadline exceeded", "timed out", "timeout awaiting",
        "network is unreachable", "Network is unreachable", "no route to host", "No route to host",
        "x509: certificate", "x509: cannot", "x509: failed", "x509: invalid",
        "SSL certificate problem", "server certificate verification failed", "gnutls_handshake", "SSL_connect",
        "SSL_ERROR", "remote error: tls", "tls: handshake", "tls: failed", "tls: first record", "unexpected EOF", ": EOF", "early EOF", "hung up unexpectedly", "unexpected disconnect",
        "RPC failed", "Failed to connect", "Couldn't connect", "proxyconnect tcp", "Proxy CONNECT aborted",
        "http2: server", "http2: client", "http2: Transport", "stream error", "stopped after 10 redirects", "Empty reply from server", "broken pipe",
        "server gave HTTP response to HTTPS client", "malformed HTTP", "invalid checkpoint", "Could not read from socket",
        "500 Internal Server Error", "501 Not Implemented", "502 Bad Gateway", "503 Service Unavailable",
        "504 Gateway Timeout", "408 Request Timeout", "429 Too Many Requests", "407 Proxy Authentication Required",
        "425 Too Early", "507 Insufficient Storage", "returned error: 5", "returned error: 429", "returned error: 407",
        "rate limit", "operation was canceled", "signal: killed", "signal: terminated", "connection closed", "Connection closed by",
    ];

    private static readonly string[] Missing =
    [
        "404 Not Found", "410 Gone", "returned error: 404", "returned error: 410", "not found: ", "unknown revision",
        "no matching versions", "no matching commits", "unrecognized import path", "does not appear to be a git repository",
        "could not read Username", "could not read Password", "terminal prompts disabled", "Repository not found",
        "' not found", "repository not found", "does not exist", "no such file or directory", "declares its path as",
        "invalid version", "has post-v", "has non-", "missing go.mod", "/go.mod at revision", "does not contain package",
        "malformed module path", "disallowed version string", "invalid pseudo-version", "does not match version",
        "invalid github.com import path", "invalid bitbucket.org import path", "create zip", "create module zip",
        "couldn't find remote ref", "module lookup disabled by GOPROXY=off", "unknown repository",
        "no version control", "is not a canonical version", "should be v0 or v1", "should be v", "parsing go.mod",
        "errors parsing go.mod", "not a valid module version", "project you were looking for could not be found",
        "access rights", "no commits", "requires a commit hash", "ambiguous",
    ];

    /// <summary>Said of a repository that go has read: it is there, and this is not in it.</summary>
    private static readonly string[] Read =
    [
        "unknown revision", "no matching versions", "no matching commits", "couldn't find remote ref", "/go.mod at revision",
        "does not contain package", "declares its path as", "has post-v", "has non-", "no commits",
    ];

    /// <summary>Said by hosts that answer who may not see a repository as if there were none, and by proxies, which pass such answers on.</summary>
    private static readonly string[] Unread =
    [
        "404 Not Found", "410 Gone", "returned error: 404", "returned error: 410", "unrecognized import path", "does not appear to be a git repository",
        "could not read Username", "could not read Password", "terminal prompts disabled", "epository not found", "' not found",
        "does not exist", "no such file or directory", "unknown repository", "project you were looking for could not be found", "access rights",
    ];

    /// <summary>Classifies what a child that failed has said (its standard error, or the Error of its JSON).</summary>
    public static OutcomeKind Classify(string words)
    {
        if (Has(words, Security))
        {
            return OutcomeKind.Conflicting;
        }

        if (Has(words, NoSpace))
        {
            return OutcomeKind.OutOfSpace;
        }

        if (Has(words, OwnFault) || IsLocalFile(words))
        {
            return OutcomeKind.Faulty;
        }

        if (Has(words, Refused))
        {
            return OutcomeKind.Forbidden;
        }

        if (Has(words, Unreachable))
        {
            return OutcomeKind.Unavailable;
        }

        if (!Has(words, Missing))
        {
            // Not understood: to say "does not exist" of it would send the developer to a source that nobody checked.
            return OutcomeKind.Unavailable;
        }

        // The module is there, and its checksum database does not know it: it exists, and it cannot be verified.
        return words.Contains("verifying ", StringComparison.Ordinal) ? OutcomeKind.Forbidden : OutcomeKind.Absent;
    }

    /// <summary>Whether go has read the repository of what it says does not exist. Without that a host may as well have hidden it.</summary>
    public static bool SaysRead(string words) => Has(words, Read) && !Has(words, Unread);

    /// <summary>A kept clone is broken (a crash in the middle of a write); without it the next try clones afresh.</summary>
    public static bool SaysDamagedClone(string words) =>
        Has(words, ["bad object", "not a git repository (", "object file ", "loose object", "did not send all necessary objects",
            "is corrupt", "packfile ", "pack has ", "index file ", "bad config", "shallow file has changed", "missing blob",
            "unable to read tree", "invalid object", ".lock': File exists", "bad tree object"]);

    /// <summary>"permission denied" of a local file, as against ssh's "Permission denied (publickey)".</summary>
    private static bool IsLocalFile(string words) =>
        words.Contains(": permission denied", StringComparison.Ordinal) && Has(words, LocalFile);

    private static bool Has(string words, string[] signs)
    {
        foreach (string sign in signs)
        {
            if (words.Contains(sign, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
