using System.CommandLine;
using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// What stands around every program: its command line, the signals, and the one place where an error
/// becomes a line on standard error and exit status 1.
/// </summary>
public static class Stage
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
    private static int _signal;
    private static bool _isOver;

    /// <summary>Parse the arguments and run the program's action.</summary>
    /// <param name="name">The name that begins its messages.</param>
    /// <param name="root">Arguments, options and action.</param>
    /// <param name="args">The command line.</param>
    /// <returns>The exit status: the action's own, 1 after an error, 128 + n after signal n.</returns>
    public static int Invoke(string name, Command root, string[] args)
    {
        ErrExit.Program = name;
        List<PosixSignalRegistration> signals = [];
        try
        {
            Signals.Unblock();
            Stdio.HoldStandardStreams();
            ParseResult parsed = CommandLine.Parse(root, args);
            if (CommandLine.Explain(parsed, args) is { } wrong)
            {
                Stdio.Notice(wrong);
                return ShmData.EXIT_FAILURE;
            }

            Controller.Recognise(parsed);
            signals.AddRange(_ending.Select(Catch));
            using IDisposable last = Own(LeaveSession);
            TraceOptions.Start(parsed);
            signals.Add(PosixSignalRegistration.Create((PosixSignal)Signum.SIGXFSZ, write => write.Cancel = true)); // EFBIG tells it too
            using StringWriter help = new();
            int status = parsed.Invoke(new InvocationConfiguration { Output = help, EnableDefaultExceptionHandler = false });
            Stdio.printf(help.ToString());
            return status;
        }
        catch (Stopped)
        {
            return StatusWhenStopped;
        }
        catch (ErrExit e)
        {
            Stdio.Notice(e.Lines);
            return ShmData.EXIT_FAILURE;
        }
#pragma warning disable CA1031 // the last line of defence: whatever it is, a user never sees a stack trace
        catch (Exception e)
#pragma warning restore CA1031
        {
            LastWords(Failure.Of(name, e));
            return ShmData.EXIT_FAILURE;
        }
        finally
        {
            signals.ForEach(signal => signal.Dispose());
        }
    }

    /// <summary>The name of the signal that asked this program to end; null while none has.</summary>
    public static string? StoppedBy => _signal == 0 || Step.HasLeft ? null : $"{(Signum)_signal}";

    /// <summary>Sleep; wake at once, and unwind, when a signal asks this program to end.</summary>
    public static void Sleep(int milliseconds)
    {
        if (_stop.WaitOne(milliseconds))
            throw new Stopped();
    }

    /// <summary>Unwind if a signal has asked this program to end.</summary>
    public static void ThrowIfStopped()
    {
        if (Volatile.Read(ref _signal) != 0)
            throw new Stopped();
    }

    /// <summary>At Ctrl-Z, give the terminal back, stop, and take it again at fg.</summary>
    /// <param name="suspend">Does so; the action that it is given stops this process.</param>
    public static IDisposable OnSuspend(Action<Action> suspend) =>
        PosixSignalRegistration.Create(PosixSignal.SIGTSTP, context =>
        {
            context.Cancel = true;
            suspend(() => _ = Stdlib.raise(Signum.SIGSTOP)); // stops all of us here; kill would let this thread run on a little
        });

    /// <summary>Unwind, and end well: the user wants no more.</summary>
    public static void Leave() => throw new Stopped();

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
        throw new Stopped();
    }

    // When all that the program itself owns is undone.
    private static void LeaveSession()
    {
        Step.RestoreTerminal();
        if (Controller.IsGone)
            Controller.Memory?.RemoveIfUnused();
    }

    private static int StatusWhenStopped => Step.HasLeft ? ShmData.EXIT_SUCCESS : 128 + _signal;

    private static void LastWords(ErrExit error)
    {
        try
        {
            Stdio.Notice(error.Lines);
        }
        catch (DllNotFoundException) // Mono.Posix's native library is what is missing
        {
            Console.Error.WriteLine(error.Lines);
        }
    }

    private static PosixSignalRegistration Catch(Signum signal) =>
        PosixSignalRegistration.Create((PosixSignal)signal, context =>
        {
            // .NET runs neither using nor finally on a signal: so tell the main thread to unwind.
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

            Environment.Exit(StatusWhenStopped);
        });

    private sealed class Stopped : Exception;

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
