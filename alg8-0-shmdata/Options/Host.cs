using System.CommandLine;
using Algorithms.Console;
using Algorithms.Linux;
using Algorithms.Session;
using Mono.Unix.Native;

namespace Algorithms.Options;

/// <summary>
/// What stands around every program: it parses the command line, runs the program's action, and is the one place where an
/// error becomes a line on standard error and exit status 1.
/// </summary>
public static class Host
{
    /// <summary>Parse the arguments and run the program's action.</summary>
    /// <param name="name">The name that begins its messages.</param>
    /// <param name="root">Arguments, options and action.</param>
    /// <param name="args">The command line.</param>
    /// <param name="start">Called before the action, with the command line.</param>
    /// <returns>The exit status: the action's own, 1 after an error, 128 + n after signal n.</returns>
    public static int Invoke(string name, Command root, string[] args, Action<ParseResult>? start = null)
    {
        ErrExit.Program = name;
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

            Recognise(parsed);
            Signals.Catch();
            using IDisposable last = Signals.Own(EndSession);
            if (parsed.Action == parsed.CommandResult.Command.Action) // not --help, --version
                start?.Invoke(parsed);
            using StringWriter help = new();
            int status = parsed.Invoke(new InvocationConfiguration { Output = help, EnableDefaultExceptionHandler = false });
            Stdio.printf(help.ToString());
            return status;
        }
        catch (Signals.StoppedException)
        {
            return Signals.StatusWhenStopped();
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
            Signals.Release();
        }
    }

    // The first argument says whether this program is on the memory of the controller that started it.
    private static void Recognise(ParseResult parsed)
    {
        Controller.Recognise(parsed.CommandResult.Command.Arguments switch
        {
            [Argument<int> key, ..] => memory => memory.IsNamedBy(parsed.GetValue(key)),
            [var name, ..] => memory => parsed.GetResult(name)?.Tokens is [var token] && memory.IsNamedBy(token.Value),
            _ => null,
        });
    }

    // When all that the program itself owns is undone.
    private static void EndSession()
    {
        Observer.Current?.EndSession();
        if (Controller.IsGone() && Controller.Memory is { } memory)
            Leftover.RemoveForController(memory);
    }

    private static void LastWords(ErrExit error)
    {
        try
        {
            Stdio.Notice(error.Lines);
        }
        catch (DllNotFoundException) // Mono.Posix's native library is what is missing
        {
            System.Console.Error.WriteLine(error.Lines);
        }
    }
}
