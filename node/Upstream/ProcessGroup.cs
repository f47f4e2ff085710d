using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Athens.Federation.Node.Upstream;

/// <summary>
/// A child in a session of its own, so that it and all it started (git, ssh, credential helpers) can be killed at once:
/// killing <c>go</c> alone leaves a hanging <c>git fetch</c> behind for ever.
/// </summary>
internal static partial class ProcessGroup
{
    private const int SigKill = 9;

    /// <summary>util-linux's setsid: the child that .NET forks is no group leader, so setsid keeps its pid, which becomes the group's.</summary>
    private static readonly string? SetSid =
        new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    /// <summary>Start information that runs <paramref name="command"/> as the leader of a new group where the system can.</summary>
    public static ProcessStartInfo Leading(string command, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(SetSid ?? command)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (SetSid is not null)
        {
            start.ArgumentList.Add(command);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <summary>Kills the whole group, and the tree as well in case the group was not made (yet).</summary>
    public static void Kill(Process leader)
    {
        if (SetSid is not null)
        {
            _ = SendSignal(-leader.Id, SigKill);
        }

        try
        {
            leader.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or AggregateException or System.ComponentModel.Win32Exception)
        {
            // Gone already, which is what was wanted.
        }

        if (SetSid is not null)
        {
            // Once more: a process that forked while the first signal went round.
            _ = SendSignal(-leader.Id, SigKill);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
