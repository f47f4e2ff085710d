using System.Net;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Whether an organization may have a namespace: the owner of the pattern's domain says so, in a file under its <c>/.well-known/</c> (RFC 8615) that the
/// organization's key has signed. Looked at by whoever proposes and whoever approves, each for itself.
/// </summary>
internal sealed class NamespaceProof : IDisposable
{
    /// <summary>On the pattern's domain, over HTTPS.</summary>
    public const string WellKnown = "/.well-known/athens-pool";

    private const string FirstLine = "athens-federation namespaces v1";

    /// <summary>Bytes of the file: an organization with some hundred patterns in some pools.</summary>
    private const int MaxFile = 64 << 10;

    /// <summary>A person waits.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly HttpClient client;

    public NamespaceProof()
        : this(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Limit })
    {
    }

    public NamespaceProof(HttpMessageHandler handler) => client = new HttpClient(handler) { Timeout = Limit, MaxResponseContentBufferSize = MaxFile };

    /// <summary>The file that an organization publishes on a pattern's domain.</summary>
    /// <exception cref="ArgumentException">The pattern names no domain.</exception>
    public static byte[] File(string poolId, string pattern, SigningKey orgKey) =>
        DomainOf(pattern) is null
            ? throw new ArgumentException(NoDomain(pattern), nameof(pattern))
            : SignedNote.Sign(Text(poolId, pattern), orgKey);

    /// <summary>Null when every namespace that a root adds to another is proven; else what is missing and what to do.</summary>
    public async Task<string?> WhyNotAsync(string poolId, PoolRoot from, PoolRoot to, CancellationToken cancellationToken)
    {
        foreach (var (pattern, org) in to.Namespaces.Where(pair => from.Namespaces.GetValueOrDefault(pair.Key) != pair.Value))
        {
            if (to.Find(org) is { } owner && await WhyNotAsync(poolId, pattern, owner, cancellationToken) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    public void Dispose() => client.Dispose();

    private async Task<string?> WhyNotAsync(string poolId, string pattern, PoolOrg owner, CancellationToken cancellationToken)
    {
        if (DomainOf(pattern) is not { } domain)
        {
            return NoDomain(pattern);
        }

        string address = $"https://{domain}{WellKnown}";
        string help = $"'athens pool namespace {pattern} --out FILE' on a node of {owner.Name} makes the file to be put there";
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(address, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                return $"{address} answers {(int)answer.StatusCode}; {help}";
            }

            SignedNote? note = SignedNote.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken), out _);
            return note is null || note.Text != Text(poolId, pattern) ? $"{address} is not about {pattern} in this pool; {help}"
                : !note.IsSignedBy(owner.Key) ? $"{address} is not signed with the key of {owner.Name}; {help}"
                : null;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{address} cannot be read ({error.GetBaseException().Message}); {help}";
        }
    }

    private static string Text(string poolId, string pattern) => $"{FirstLine}\npool {poolId}\nnamespace {pattern}\n";

    private static string NoDomain(string pattern) => $"{pattern} does not begin with a domain, of which somebody could prove to be the owner";

    /// <summary>The pattern's first element when it is a name of at least two labels; null for one with wildcards.</summary>
    private static string? DomainOf(string pattern)
    {
        string first = pattern.Split('/')[0];
        return first.Contains('.', StringComparison.Ordinal)
            && first.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')
            && Uri.CheckHostName(first) == UriHostNameType.Dns
                ? first
                : null;
    }
}
