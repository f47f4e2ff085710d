namespace Athens.Federation.Tests.Integration;

/// <summary>The pause between two looks at what another process has done; there is no signal from it to wait for.</summary>
internal static class ShortPause
{
    public static Task TakeAsync() => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
}
