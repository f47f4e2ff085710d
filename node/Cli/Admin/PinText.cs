using System.Text.Json.Nodes;
using Athens.Federation.Node.Federation.Neighbours;

namespace Athens.Federation.Node.Cli.Admin;

/// <summary>A pin as JSON.</summary>
internal static class PinText
{
    public static JsonObject ToJson(Pin pin) => new()
    {
        ["name"] = pin.Name,
        ["key"] = pin.Key.ToString(),
        ["endpoint"] = pin.Endpoint,
        ["trust"] = pin.Trust.ToString().ToLowerInvariant(),
    };
}
