using System.Diagnostics;

namespace Athens.Federation.Tests.Integration;

/// <summary>The pause between two looks at what another process has done; there is no signal from it to wait for.</summary>
internal static class ShortPause
{
    public static Task TakeAsync() => Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);

    /// <summary>Asks again and again until the answer is the one that is waited for, or patience is at its end; the last answer.</summary>
    /// <param name="ask">One look.</param>
    /// <param name="isIt">Whether that is what is waited for.</param>
    /// <param name="minutes">The end of patience.</param>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isIt, int minutes = 1)
    {
        var answer = await ask();
        for (var since = Stopwatch.StartNew(); !isIt(answer) && since.Elapsed < TimeSpan.FromMinutes(minutes);)
        {
            await TakeAsync();
            answer = await ask();
        }

        return answer;
    }
}
