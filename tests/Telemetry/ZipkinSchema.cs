using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Athens.Federation.Tests.Telemetry;

/// <summary>The rules of Zipkin's published v2 API (openzipkin/zipkin-api, zipkin2-api.yaml), written down anew.</summary>
internal static partial class ZipkinSchema
{
    private static readonly string[] SpanProperties =
    [
        "traceId", "name", "parentId", "id", "kind", "timestamp", "duration", "debug", "shared", "localEndpoint",
        "remoteEndpoint", "annotations", "tags",
    ];

    private static readonly string[] Kinds = ["CLIENT", "SERVER", "PRODUCER", "CONSUMER"];

    public static IReadOnlyList<string> Problems(JsonElement root)
    {
        var problems = new List<string>();
        if (root.ValueKind != JsonValueKind.Array)
        {
            return ["the body is not a list of spans"];
        }

        foreach (var span in root.EnumerateArray())
        {
            CheckSpan(span, problem => problems.Add($"{problem}: {span.GetRawText()}"));
        }

        return problems;
    }

    private static void CheckSpan(JsonElement span, Action<string> report)
    {
        if (span.ValueKind != JsonValueKind.Object)
        {
            report("a span is not an object");
            return;
        }

        CheckNames(span, SpanProperties, report);
        CheckId(span, "traceId", LongId(), required: true, report);
        CheckId(span, "id", ShortId(), required: true, report);
        CheckId(span, "parentId", ShortId(), required: false, report);
        if (span.TryGetProperty("kind", out var kind) && !Kinds.Contains(kind.GetString()))
        {
            report("kind is none of the four");
        }

        CheckNumber(span, "timestamp", report);
        CheckNumber(span, "duration", report);
        CheckString(span, "name", report);
        CheckEndpoint(span, "localEndpoint", required: true, report);
        CheckEndpoint(span, "remoteEndpoint", required: false, report);
        CheckAnnotations(span, report);
        CheckTags(span, report);
    }

    private static void CheckNames(JsonElement json, string[] known, Action<string> report)
    {
        var names = json.EnumerateObject().Select(property => property.Name).ToList();
        names.Except(known).ToList().ForEach(name => report($"{name} is not in the schema"));
        if (names.Distinct().Count() != names.Count)
        {
            report("a property stands twice");
        }
    }

    private static void CheckId(JsonElement span, string name, Regex form, bool required, Action<string> report)
    {
        if (!span.TryGetProperty(name, out var id))
        {
            if (required)
            {
                report($"{name} is missing");
            }
        }
        else if (id.ValueKind != JsonValueKind.String || !form.IsMatch(id.GetString()!) || id.GetString()!.All(c => c == '0'))
        {
            report($"{name} is not an id in lower-case hex");
        }
    }

    private static void CheckNumber(JsonElement json, string name, Action<string> report)
    {
        if (!json.TryGetProperty(name, out var number)
            || number.ValueKind != JsonValueKind.Number
            || !number.TryGetInt64(out var value)
            || value < 1)
        {
            report($"{name} is not a positive whole number");
        }
        else if (name == "timestamp" && (value < 1_000_000_000_000_000 || value > 10_000_000_000_000_000))
        {
            report("timestamp is not in microseconds");
        }
    }

    private static void CheckString(JsonElement json, string name, Action<string> report)
    {
        if (json.TryGetProperty(name, out var text) && text.ValueKind != JsonValueKind.String)
        {
            report($"{name} is not a string");
        }
    }

    private static void CheckEndpoint(JsonElement span, string name, bool required, Action<string> report)
    {
        if (!span.TryGetProperty(name, out var endpoint))
        {
            if (required)
            {
                report($"{name} is missing");
            }

            return;
        }

        CheckNames(endpoint, ["serviceName", "ipv4", "ipv6", "port"], report);
        CheckString(endpoint, "serviceName", report);
        CheckAddress(endpoint, "ipv4", AddressFamily.InterNetwork, report);
        CheckAddress(endpoint, "ipv6", AddressFamily.InterNetworkV6, report);
        if (endpoint.TryGetProperty("port", out var port) && (!port.TryGetInt32(out var value) || value is < 1 or > 65535))
        {
            report($"the port of {name} is none");
        }
    }

    private static void CheckAddress(JsonElement endpoint, string name, AddressFamily family, Action<string> report)
    {
        if (endpoint.TryGetProperty(name, out var text)
            && (!IPAddress.TryParse(text.GetString(), out var address) || address.AddressFamily != family))
        {
            report($"{name} is no such address");
        }
    }

    private static void CheckAnnotations(JsonElement span, Action<string> report)
    {
        if (!span.TryGetProperty("annotations", out var annotations))
        {
            return;
        }

        foreach (var annotation in annotations.EnumerateArray())
        {
            CheckNames(annotation, ["timestamp", "value"], report);
            CheckNumber(annotation, "timestamp", report);
            CheckString(annotation, "value", report);
        }
    }

    private static void CheckTags(JsonElement span, Action<string> report)
    {
        if (!span.TryGetProperty("tags", out var tags))
        {
            return;
        }

        var seen = new HashSet<string>();
        foreach (var tag in tags.EnumerateObject())
        {
            if (tag.Value.ValueKind != JsonValueKind.String || tag.Name.Length == 0 || !seen.Add(tag.Name))
            {
                report($"tag {tag.Name} is not one string under one name");
            }
        }
    }

    [GeneratedRegex("^([0-9a-f]{16}|[0-9a-f]{32})$")]
    private static partial Regex LongId();

    [GeneratedRegex("^[0-9a-f]{16}$")]
    private static partial Regex ShortId();
}
