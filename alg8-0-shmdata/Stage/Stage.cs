using System.CommandLine;
using System.Runtime.InteropServices;

namespace Algorithms;

/// <summary>
/// What stands around every program: its command line, the signals, and the one place where an error
/// becomes a line on standard error and exit status 1.
/// </summary>
public static class Stage
{
    // How long the main thread has to unwind after a signal: it may be stuck in a write to a stopped terminal.
    private const int GraceMilliseconds = 600;

    private static readonly ManualResetEvent _stop = new(initialState: false);
    private static readonly List<Action> _undo = [];
    private static int _signal;

    /// <summary>The program's name as its messages have it: <c>shmcon</c>.</summary>
    public static string Name { get; private set; } = "";

    /// <summary>Parse the arguments and run the program's action.</summary>
    /// <param name="name">The name that begins its messages.</param>
    /// <param name="root">Arguments, options and action.</param>
    /// <param name="args">The command line.</param>
    /// <returns>The exit status: the action's own, 1 after an error, 128 + n after signal n.</returns>
    public static int Invoke(string name, Command root, string[] args)
    {
        Name = name;
        try
        {
            ParseResult parsed = CommandLine.Parse(root, args);
            if (parsed.Errors.Count > 0)
            {
                Stdio.Notice(CommandLine.Explain(parsed));
                return ShmData.EXIT_FAILURE;
            }

            using PosixSignalRegistration sigint = Catch(PosixSignal.SIGINT, 2);
            using PosixSignalRegistration sigquit = Catch(PosixSignal.SIGQUIT, 3);
            using PosixSignalRegistration sigterm = Catch(PosixSignal.SIGTERM, 15);
            using PosixSignalRegistration sighup = Catch(PosixSignal.SIGHUP, 1);
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Stopped)
        {
            return 128 + _signal;
        }
        catch (ErrExit e)
        {
            Stdio.Notice(e.Hint is null ? e.Message : $"{e.Message}\nhint: {e.Hint.ReplaceLineEndings("\nhint: ")}");
            return ShmData.EXIT_FAILURE;
        }
#pragma warning disable CA1031 // the last line of defence: whatever it is, a user never sees a stack trace
        catch (Exception e)
#pragma warning restore CA1031
        {
            Stdio.Notice($"{name}: {e.Message} ({e.GetType().Name})");
            return ShmData.EXIT_FAILURE;
        }
    }

    /// <summary>The name of the signal that asked this program to end; null while none has.</summary>
    public static string? StoppedBy => _signal switch
    {
        0 => null,
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        _ => "SIGTERM",
    };

    /// <summary>Sleep; wake at once, and unwind, when a signal asks this program to end.</summary>
    public static void Sleep(int milliseconds)
    {
        if (_stop.WaitOne(milliseconds))
            throw new Stopped();
    }

    /// <summary>Unwind if a signal has asked this program to end.</summary>
    public static void ThrowIfStopped() => Sleep(0);

    /// <summary>
    /// Own something that the kernel does not release with the process. The action runs once: when the returned
    /// object is disposed, or after a signal by which the main thread, stuck in some call, cannot unwind.
    /// </summary>
    public static IDisposable Own(Action undo)
    {
        Owned owned = new(undo);
        lock (_undo)
            _undo.Add(owned.Dispose);
        return owned;
    }

    private static PosixSignalRegistration Catch(PosixSignal signal, int number) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            // .NET runs neither using nor finally on a signal: so tell the main thread to unwind.
            context.Cancel = true;
            if (Interlocked.CompareExchange(ref _signal, number, 0) != 0)
                return;
            _stop.Set();

            Thread.Sleep(GraceMilliseconds);
            lock (_undo)
                _undo.AsEnumerable().Reverse().ToList().ForEach(undo => undo());
            Environment.Exit(128 + number);
        });

    private sealed class Stopped : Exception;

    private sealed class Owned(Action undo) : IDisposable
    {
        private Action? _undo = undo;

        public void Dispose() => Interlocked.Exchange(ref _undo, null)?.Invoke();
    }
}
