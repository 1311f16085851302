using System.Runtime.InteropServices;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms.Linux;

/// <summary>
/// The signals of this process: those that ask it to end make its main thread unwind, so that what it owns is undone.
/// Each wait sleeps here, or asks here whether it is to end. signal(7)
/// </summary>
public static class Signals
{
    // How long the main thread has to unwind after a signal: it may be stuck in a write to a stopped terminal.
    private const int GraceMilliseconds = 600;

    // Whatever asks a process to end and can be caught. One that its parent has made it ignore stays ignored, as with nohup.
    private static readonly Signum[] _ending =
    [
        Signum.SIGHUP, Signum.SIGINT, Signum.SIGQUIT, Signum.SIGUSR1, Signum.SIGUSR2,
        Signum.SIGALRM, Signum.SIGTERM, Signum.SIGXCPU, Signum.SIGVTALRM, Signum.SIGPROF,
    ];

    private static readonly ManualResetEvent _stop = new(initialState: false);
    private static readonly List<Owned> _owned = [];
    private static readonly List<PosixSignalRegistration> _caught = [];
    private static int _signal;
    private static bool _isOver;
    private static sigset_t _blockedAtStart;

    /// <summary>Thrown in the main thread to unwind it, when a signal or a person has asked this program to end.</summary>
    public sealed class StoppedException : Exception;

    /// <summary>The exit status of a program that was asked to end: 128 + the signal's number; 0 if a person chose to leave.</summary>
    public static int StatusWhenStopped() => HasLeft() ? ShmData.EXIT_SUCCESS : 128 + _signal;

    /// <summary>The name of the signal that asked this program to end; null while none has.</summary>
    public static string? StoppedBy() => _signal == 0 || HasLeft() ? null : $"{(Signum)_signal}";

    /// <summary>Sleep; wake at once, and unwind, when a signal asks this program to end.</summary>
    public static void Sleep(int milliseconds)
    {
        if (_stop.WaitOne(milliseconds))
            throw new StoppedException();
    }

    /// <summary>Unwind if a signal has asked this program to end.</summary>
    public static void ThrowIfStopped()
    {
        if (Volatile.Read(ref _signal) != 0)
            throw new StoppedException();
    }

    /// <summary>Unwind, and end well: the user wants no more.</summary>
    public static void Leave() => throw new StoppedException();

    /// <summary>At Ctrl-Z, give the terminal back, stop, and take it again at fg.</summary>
    /// <param name="suspend">Does so; the action that it is given stops this process.</param>
    public static IDisposable OnSuspend(Action<Action> suspend) =>
        PosixSignalRegistration.Create(PosixSignal.SIGTSTP, context =>
        {
            context.Cancel = true;
            suspend(() => _ = Stdlib.raise(Signum.SIGSTOP)); // stops all of us here; kill would let this thread run on a little
        });

    /// <summary>
    /// Own something that the kernel does not release with the process. The action runs once: when the returned
    /// object is disposed, or after a signal by which the main thread, stuck in some call, cannot unwind.
    /// </summary>
    public static IDisposable Own(Action undo)
    {
        Owned owned = new(undo);
        lock (_owned)
        {
            if (!_isOver)
            {
                _owned.Add(owned);
                return owned;
            }
        }

        owned.Dispose();
        throw new StoppedException();
    }

    /// <summary>From now on, signals that ask this program to end make it unwind.</summary>
    public static void Catch()
    {
        _caught.AddRange(_ending.Select(Catch));
        // A file that would become too large: write(2) fails with EFBIG, which says so.
        _caught.Add(PosixSignalRegistration.Create((PosixSignal)Signum.SIGXFSZ, write => write.Cancel = true));
    }

    /// <summary>No longer.</summary>
    public static void Release() => _caught.ForEach(signal => signal.Dispose());

    /// <summary>The signals that were blocked when this program was started: its children are started so too.</summary>
    internal static ref readonly sigset_t BlockedAtStart => ref _blockedAtStart;

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

    private static bool HasLeft() => Observer.Current is { } observer && observer.HasLeft();

    private static PosixSignalRegistration Catch(Signum signal) =>
        PosixSignalRegistration.Create((PosixSignal)signal, context =>
        {
            // .NET runs neither using nor finally on a signal: so the main thread is to unwind.
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref _signal, (int)signal, 0) != 0)
                return;
            _stop.Set();

            Thread.Sleep(GraceMilliseconds);
            lock (_owned)
            {
                _isOver = true;
                for (int i = _owned.Count - 1; i >= 0; i--)
                    _owned[i].Dispose();
            }

            Environment.Exit(StatusWhenStopped());
        });

    private sealed class Owned(Action undo) : IDisposable
    {
        private readonly Lock _once = new();
        private Action? _undo = undo;

        // Who comes second waits until it is done.
        public void Dispose()
        {
            lock (_once)
            {
                _undo?.Invoke();
                _undo = null;
            }
        }
    }
}
