using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Athens.Federation.Node.Retrieval;

namespace Athens.Federation.Node.Protocol;

/// <summary>
/// What the store holds: <c>/catalog</c> as Athens gives it, <c>/index</c> as index.golang.org does, so that the tools
/// made for either work here.
/// </summary>
internal sealed class HeldAnswers(IModuleStore store)
{
    public const int DefaultPageSize = 1000;

    /// <summary>A page is built in memory; ten thousand entries are about a megabyte.</summary>
    public const int MaxPageSize = 10_000;

    /// <summary>index.golang.org's own default and greatest limit.</summary>
    public const int MaxIndexLimit = 2000;

    /// <summary>A token names a module version, so it is no longer than one.</summary>
    public const int MaxTokenLength = 2 * ModuleTarget.MaxLength;

    // The names are ASCII and the type is application/json: escaping "+" for HTML would only make it harder to read.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Microseconds = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK"];

    public async ValueTask<Answer> CatalogAsync(IQueryCollection query, string requestId, CancellationToken cancellationToken)
    {
        string token = query["token"].ToString();
        if (token.Length > MaxTokenLength || token.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            return FailureAnswers.BadQuery("token must be the 'next' of an earlier page", requestId);
        }

        if (!TryCount(query["pagesize"].ToString(), DefaultPageSize, MaxPageSize, out int pageSize))
        {
            return FailureAnswers.BadQuery("pagesize must be a whole number from 1", requestId);
        }

        var page = await store.CatalogAsync(token, pageSize, cancellationToken);
        var body = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(body, Relaxed))
        {
            json.WriteStartObject();
            json.WriteStartArray("modules"u8);
            foreach (var module in page.Modules)
            {
                json.WriteStartObject();
                json.WriteString("module"u8, module.Path);
                json.WriteString("version"u8, module.Version);
                json.WriteEndObject();
            }

            json.WriteEndArray();

            // Athens leaves it out after the last page; its clients stop there.
            if (page.NextToken.Length > 0)
            {
                json.WriteString("next"u8, page.NextToken);
            }

            json.WriteEndObject();
        }

        return Json(body.WrittenMemory);
    }

    public async ValueTask<Answer> IndexAsync(IQueryCollection query, string requestId, CancellationToken cancellationToken)
    {
        if (!TryTime(query["since"].ToString(), out var since))
        {
            return FailureAnswers.BadQuery("since must be a time as 2019-04-10T19:08:52.997264Z (RFC 3339)", requestId);
        }

        if (!TryCount(query["limit"].ToString(), MaxIndexLimit, MaxIndexLimit, out int limit))
        {
            return FailureAnswers.BadQuery("limit must be a whole number from 1", requestId);
        }

        var entries = await store.IndexAsync(since, limit, cancellationToken);
        var body = new ArrayBufferWriter<byte>();
        await using var json = new Utf8JsonWriter(body, Relaxed);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("Path"u8, entry.Module.Path);
            json.WriteString("Version"u8, entry.Module.Version);
            json.WriteString("Timestamp"u8, entry.StoredAt.UtcDateTime.ToString(Microseconds, CultureInfo.InvariantCulture));
            json.WriteEndObject();
            await json.FlushAsync(cancellationToken);
            json.Reset();
            body.Write("\n"u8);
        }

        return Json(body.WrittenMemory);
    }

    private static Answer Json(ReadOnlyMemory<byte> body) => new()
    {
        Status = StatusCodes.Status200OK,
        Outcome = "found",
        Body = body,
        ContentType = AnswerHeaders.Json,
        CacheControl = AnswerHeaders.NoStore,
        Source = AnswerSource.Store,
    };

    /// <summary>More than the greatest is the greatest, as both models do it.</summary>
    private static bool TryCount(string text, int byDefault, int greatest, out int count)
    {
        count = byDefault;
        if (text.Length == 0)
        {
            return true;
        }

        bool valid = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long asked) && asked > 0;
        count = (int)Math.Min(asked, greatest);
        return valid;
    }

    /// <summary>Nanoseconds, which Go writes, are cut to what .NET holds; a "+" of an offset has become a space on its way.</summary>
    private static bool TryTime(string text, out DateTimeOffset time)
    {
        time = DateTimeOffset.MinValue;
        if (text.Length == 0)
        {
            return true;
        }

        const int fractionAt = 20;
        const int ticksDigits = 7;
        string form = text.Replace(' ', '+');
        int end = fractionAt;
        while (end < form.Length && char.IsAsciiDigit(form[end]))
        {
            end++;
        }

        if (end > fractionAt + ticksDigits)
        {
            form = form.Remove(fractionAt + ticksDigits, end - fractionAt - ticksDigits);
        }

        return (form.EndsWith('Z') || form.LastIndexOfAny(['+', '-']) >= fractionAt - 1)
            && DateTimeOffset.TryParseExact(form, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }
}
