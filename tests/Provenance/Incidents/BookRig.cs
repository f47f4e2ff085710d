using Athens.Federation.Node.Provenance.Incidents;
using Athens.Federation.Node.Storage;
using Athens.Federation.Node.Transparency;
using Athens.Federation.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Athens.Federation.Tests.Provenance.Incidents;

/// <summary>A book of incidents on disk, opened again as often as a test wants.</summary>
internal sealed class BookRig : ILogTrust, IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private IncidentStore? store;

    public Cases Cases { get; } = new();

    public HashSet<string> Trusted { get; } = new(StringComparer.Ordinal);

    public IncidentBook Book { get; private set; } = null!;

    public string[] Files => Directory.Exists(folder["evidence"]) ? Directory.GetFiles(Path.Combine(folder["evidence"], "incidents")) : [];

    public static async Task<BookRig> OpenAsync(bool isTrusting = true)
    {
        var rig = new BookRig();
        if (isTrusting)
        {
            rig.Trusted.UnionWith([rig.Cases.A.Verifier.ToString(), rig.Cases.B.Verifier.ToString(), rig.Cases.Database.Identity.Key.ToString()]);
        }

        await rig.ReopenAsync();
        return rig;
    }

    /// <summary>As the next start does.</summary>
    public async Task ReopenAsync()
    {
        await CloseAsync();
        store = IncidentStore.Open(new StoreLayout(folder.Path));
        Book = await IncidentBook.OpenAsync(store, this, new EvidenceFolder(folder.Path), TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>The disk is gone: nothing can be written any more.</summary>
    public Task LoseStoreAsync() => store!.DisposeAsync().AsTask();

    public ValueTask<string?> ReportAsync(byte[] evidence) => Book.ReportAsync(evidence, CancellationToken.None);

    public bool IsTrusted(NoteVerifier logKey) => Trusted.Contains(logKey.ToString());

    /// <summary>Whose word counts on the log of A.</summary>
    public NoteVerifier? Owner { get; set; }

    public bool IsKeptBy(NoteVerifier logKey, NoteVerifier identity) => logKey.ToString() == Cases.A.Verifier.ToString() && identity.ToString() == Owner?.ToString();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Cases.Dispose();
        folder.Dispose();
    }

    private async Task CloseAsync()
    {
        if (store is not null)
        {
            await Book.DisposeAsync();
            await store.DisposeAsync();
        }
    }
}
