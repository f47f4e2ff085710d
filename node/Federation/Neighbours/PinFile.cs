using System.Text.Json;
using System.Text.Json.Nodes;
using Athens.Federation.Node.Federation.Identity;
using Athens.Federation.Node.Provenance;

namespace Athens.Federation.Node.Federation.Neighbours;

/// <summary><c>&lt;data&gt;/pins.json</c>: the pins, written whole, and durable before they are in force.</summary>
internal sealed class PinFile(string path)
{
    /// <summary>A thousand pins are below 300 KiB.</summary>
    private const int MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    public string Path => path;

    /// <exception cref="IOException">The file cannot be read, or is not what this node wrote.</exception>
    public IReadOnlyList<Pin> Read()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new IOException($"{path} is longer than {MaxBytes >> 20} MiB");
            }

            var pins = JsonNode.Parse(File.ReadAllBytes(path))?["pins"]?.AsArray().Select(One).ToList() ?? throw new FormatException("it has no pins");
            return pins.DistinctBy(static pin => pin.Key).Count() == pins.Count && pins.Count <= PeerList.MaxPeers
                ? pins
                : throw new FormatException("one key stands there twice, or there are too many");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be used: {exception.Message}", exception);
        }
    }

    /// <exception cref="IOException">It could not be written; what was there is still there.</exception>
    public void Write(IReadOnlyList<Pin> pins)
    {
        JsonArray all = [.. pins.Select(static pin => new JsonObject
        {
            ["name"] = pin.Name,
            ["key"] = pin.Key.ToString(),
            ["endpoint"] = pin.Endpoint,
            ["trust"] = pin.Trust.ToString().ToLowerInvariant(),
        })];
        var fresh = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            if (!DurableFile.TryCreate(fresh, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["pins"] = all }, Readable)))
            {
                throw new IOException($"{fresh} is there already");
            }

            File.Move(fresh, path, overwrite: true);
            DurableFile.Sync(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"{path} cannot be written: {exception.Message}", exception);
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    private static Pin One(JsonNode? node)
    {
        var (name, endpoint) = (Text(node, "name"), Text(node, "endpoint"));
        return Pin.IsName(name) && PeerKey.TryParse(Text(node, "key"), out var key, out _) && Enum.TryParse<PeerTrust>(Text(node, "trust"), ignoreCase: true, out var trust)
            ? new Pin(name, key, endpoint, trust)
            : throw new FormatException($"the pin {name} has no good name, key or trust");
    }

    private static string Text(JsonNode? node, string field) => node?[field]?.GetValue<string>() ?? throw new FormatException($"a pin lacks its {field}");
}
