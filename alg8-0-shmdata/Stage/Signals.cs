using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>The signals of this process, as its parent left them to it.</summary>
internal static class Signals
{
    private static sigset_t _blockedAtStart;

    /// <summary>The signals that were blocked when this program was started: its children are started so too.</summary>
    public static ref readonly sigset_t BlockedAtStart => ref _blockedAtStart;

    /// <summary>
    /// Unblock all signals: before there are other threads, which inherit what is blocked. A program that was started
    /// with signals blocked could not be ended, and would not notice the end of a child.
    /// </summary>
    public static void Unblock() => _ = pthread_sigmask(SIG_SETMASK, default, out _blockedAtStart);

    /// <summary>
    /// Where SIGCHLD is ignored, the kernel keeps no exit status of a child: have it keep them. (The default action
    /// ignores the signal too, but not the child.) wait(2)
    /// </summary>
    public static unsafe void KeepStatusOfChildren()
    {
        SigAction action = default;
        if (sigaction((int)Signum.SIGCHLD, null, &action) == 0 && action.sa_handler == SIG_IGN)
        {
            action = new SigAction { sa_handler = SIG_DFL };
            _ = sigaction((int)Signum.SIGCHLD, &action, null);
        }
    }
}
