using System.Diagnostics;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// Every process that this one has started, and every process that those have started, whoever their parent is by now. All
/// of them end when this one does, and what System V segments they leave are removed.
/// </summary>
public static class Descendants
{
    private const int TermMilliseconds = 2000; // the suite's own need one at most
    private const int KillMilliseconds = 2000;
    private const int PollMilliseconds = 10;

    private static readonly Lock _starting = new();
    private static readonly HashSet<int> _started = [];
    private static bool _isOver;

    /// <summary>From now on, whose parent ends becomes a child of this process; at the end of the block, all of them are ended.</summary>
    public static IDisposable Own()
    {
        Child.AdoptOrphans();
        return Signals.Own(End);
    }

    /// <summary>Start a process. After the end of that block none is started any more.</summary>
    public static Process Start(ProcessStartInfo start)
    {
        lock (_starting)
        {
            Signals.ThrowIfStopped();
            if (_isOver)
                throw ErrExit.Because($"{ErrExit.Program}: {start.FileName}: not started, for all is to end");
            Process process = Programs.Start(start);
            _started.Add(process.Id);
            return process;
        }
    }

    /// <summary>A process has ended, and left nothing: its number may be another's from now on.</summary>
    public static void Forget(int pid)
    {
        lock (_starting)
            _started.Remove(pid);
    }

    /// <summary>End all of them now: SIGTERM, so that they remove what they own, and SIGKILL for those that do not listen.</summary>
    public static void End()
    {
        lock (_starting)
            _isOver = true;

        HashSet<int> asked = [];
        long start = Environment.TickCount64, waited;
        while ((waited = Environment.TickCount64 - start) < TermMilliseconds + KillMilliseconds && ProcFs.DescendantsOf(Environment.ProcessId) is { Count: > 0 } left)
        {
            foreach (int pid in left)
            {
                bool isNew = asked.Add(pid);
                if (isNew)
                    _ = Syscall.kill(pid, Signum.SIGTERM);
                if (waited >= TermMilliseconds)
                    _ = Syscall.kill(pid, Signum.SIGKILL);
                _ = Syscall.kill(pid, Signum.SIGCONT); // one that is stopped sees no SIGTERM
            }

            Thread.Sleep(PollMilliseconds); // not Signals.Sleep: this is the end already
        }

        lock (_starting)
        {
            foreach (int pid in asked.Except(_started)) // .NET waits for those that it has started
                _ = Syscall.waitpid(pid, out _, WaitOptions.WNOHANG);
            asked.UnionWith(_started);
        }

        foreach (SegmentInfo segment in SegmentInfo.List().Where(segment =>
            asked.Contains(segment.Creator) && segment.Owner == Syscall.geteuid() && segment.IsLeftover()))
        {
            _ = Segment.Remove(segment.Shmid);
        }
    }
}
