using System.Net;
using System.Text;
using Athens.Federation.Node.Discovery.Resolving;
using Athens.Federation.Node.Provenance.Pool;
using Athens.Federation.Node.Transparency;

namespace Athens.Federation.Node.Federation.Pools;

/// <summary>
/// Whether an organization may have a namespace: the owner of the pattern's domain says so, in a TXT record or in a file under its <c>/.well-known/</c> (RFC 8615).
/// Either has a signature by the organization's key on the same statement. Looked at by whoever proposes and whoever approves, each for itself. Without DNSSEC a
/// record proves as much as it does to an authority of certificates (RFC 8555 section 8.4), by which the file's HTTPS is no better.
/// </summary>
internal sealed class NamespaceProof : IDisposable
{
    /// <summary>On the pattern's domain, over HTTPS.</summary>
    public const string WellKnown = "/.well-known/athens-pool";

    /// <summary>The label before the domain under which its TXT records are: one for each pattern.</summary>
    public const string Label = "_athens-pool";

    private const string RecordPrefix = "athens-namespace=";

    private const string FirstLine = "athens-federation namespaces v1";

    /// <summary>Bytes of the file: an organization with some hundred patterns in some pools.</summary>
    private const int MaxFile = 64 << 10;

    /// <summary>A person waits.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly HttpClient client;
    private readonly NameLookup names;

    public NamespaceProof(NameLookup names)
        : this(names, new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Limit })
    {
    }

    public NamespaceProof(NameLookup names, HttpMessageHandler handler)
    {
        this.names = names;
        client = new HttpClient(handler) { Timeout = Limit, MaxResponseContentBufferSize = MaxFile };
    }

    /// <summary>Where the TXT record of a pattern with a domain stands.</summary>
    public static string RecordName(string pattern) => $"{Label}.{DomainOf(pattern)}";

    /// <summary>The file that an organization publishes on a pattern's domain.</summary>
    /// <exception cref="ArgumentException">The pattern names no domain.</exception>
    public static byte[] File(string poolId, string pattern, SigningKey orgKey) =>
        DomainOf(pattern) is null
            ? throw new ArgumentException(NoDomain(pattern), nameof(pattern))
            : SignedNote.Sign(Text(poolId, pattern), orgKey);

    /// <summary>The text of the TXT record that an organization may publish instead.</summary>
    /// <exception cref="ArgumentException">The pattern names no domain.</exception>
    public static string Record(string poolId, string pattern, SigningKey orgKey) =>
        RecordPrefix + SignedNote.Parse(File(poolId, pattern, orgKey), out _)!.Signatures[0].ToLine().TrimEnd('\n').Split(' ')[^1];

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

        return await WhyNotRecordAsync(poolId, pattern, owner, cancellationToken) is { } noRecord
            && await WhyNotFileAsync($"https://{domain}{WellKnown}", poolId, pattern, owner, cancellationToken) is { } noFile
                ? $"{noFile}; {noRecord}; 'athens pool namespace {pattern} --out FILE' on a node of {owner.Name} makes the file, and the TXT record that will do as well"
                : null;
    }

    private async Task<string?> WhyNotRecordAsync(string poolId, string pattern, PoolOrg owner, CancellationToken cancellationToken)
    {
        string name = RecordName(pattern);
        Looked<string> looked = await names.TextsAsync(name, cancellationToken);
        if (looked.End != LookupEnd.Found)
        {
            return looked.End == LookupEnd.Absent ? looked.Reason : $"{name} cannot be looked up ({looked.Reason})";
        }

        return looked.Values.Where(static text => text.StartsWith(RecordPrefix, StringComparison.Ordinal))
            .Any(text => IsSigned(Text(poolId, pattern), text[RecordPrefix.Length..], owner.Key))
                ? null
                : $"no TXT record of {name} is about {pattern} in this pool and signed with the key of {owner.Name}";
    }

    /// <summary>A record has of the note only the signature: what it signs is known here.</summary>
    private static bool IsSigned(string text, string signature, NoteVerifier key) =>
        SignedNote.Parse(Encoding.UTF8.GetBytes($"{text}\n— {key.Name} {signature}\n"), out _) is { } note && note.Text == text && note.IsSignedBy(key);

    private async Task<string?> WhyNotFileAsync(string address, string poolId, string pattern, PoolOrg owner, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(address, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                return $"{address} answers {(int)answer.StatusCode}";
            }

            SignedNote? note = SignedNote.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken), out _);
            return note is null || note.Text != Text(poolId, pattern) ? $"{address} is not about {pattern} in this pool"
                : !note.IsSignedBy(owner.Key) ? $"{address} is not signed with the key of {owner.Name}"
                : null;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{address} cannot be read ({error.GetBaseException().Message})";
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
