using System.Reflection;
using Athens.Federation.Node.Telemetry;
using Microsoft.Extensions.Logging;

namespace Athens.Federation.Tests.Telemetry;

/// <summary>Holds for every room: operators and their alarms know events by id.</summary>
public sealed class EventIdTests
{
    private const int IdsOfARoom = 1000;
    private const string Own = "Athens.Federation.Node.";

    private static readonly List<(string Room, string Method, LoggerMessageAttribute Event)> Events =
        typeof(EventIds).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(
                BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Event: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(found => found.Event is not null)
            .Select(found => (RoomOf(found.Method.DeclaringType!), $"{found.Method.DeclaringType}.{found.Method.Name}", found.Event!))
            .ToList();

    [Fact]
    public void Every_log_method_has_an_id_of_its_own()
    {
        Assert.NotEmpty(Events);
        var shared = Events.GroupBy(e => e.Event.EventId).Where(group => group.Count() > 1);
        Assert.Empty(shared.Select(group => $"{group.Key}: {string.Join(", ", group.Select(e => e.Method))}"));
    }

    [Fact]
    public void Every_id_lies_in_the_range_of_its_room()
    {
        var bases = typeof(EventIds).GetFields(BindingFlags.Static | BindingFlags.Public)
            .ToDictionary(field => field.Name, field => (int)field.GetRawConstantValue()!);
        var strays = Events.Where(e =>
            !bases.TryGetValue(e.Room, out var first)
            || e.Event.EventId <= first
            || e.Event.EventId >= first + IdsOfARoom);
        Assert.Empty(strays.Select(e => $"{e.Method} has {e.Event.EventId}"));
    }

    [Fact]
    public void Every_message_begins_as_a_sentence_or_with_a_field_and_has_no_line_break()
    {
        var odd = Events.Where(e =>
            e.Event.Message.Length == 0
            || char.IsLower(e.Event.Message[0])
            || e.Event.Message.Any(char.IsControl));
        Assert.Empty(odd.Select(e => $"{e.Method}: {e.Event.Message}"));
    }

    private static string RoomOf(Type type)
    {
        var name = type.Namespace ?? "";
        return name.StartsWith(Own, StringComparison.Ordinal) ? name[Own.Length..].Split('.')[0] : "";
    }
}
