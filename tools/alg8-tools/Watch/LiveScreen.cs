using Algorithms.Console;
using Algorithms.Linux;
using Spectre.Console;

namespace Algorithms;

/// <summary>
/// The whole terminal, on its alternate screen: what stood there before comes back at the end, whatever ends it. Each
/// picture goes out in one write, and only where it differs from the last one.
/// </summary>
internal sealed class LiveScreen : IDisposable
{
    private const string Term = "TERM", Dumb = "dumb";
    private const int STDIN_FILENO = 0;
    private const int EndOfLine = 0, WholeScreen = 2;

    private readonly AnsiCapabilities _terminal = new() { Ansi = true, AlternateBuffer = true, ColorSystem = Styles.Colours };
    private readonly Lock _writing = new();
    private readonly IDisposable _leave;
    private readonly IDisposable _suspend;
    private readonly TerminalSettings? _asFound;
    private volatile bool _isLeft;
    private string _shown = "";

    /// <summary>Take the terminal.</summary>
    public LiveScreen()
    {
        _leave = Signals.Own(Leave);
        Enter();
        _suspend = Signals.OnSuspend(Suspend);
        _asFound = TerminalSettings.Of(STDIN_FILENO);
        if (ReadsKeys)
            new Thread(ReadKeys) { IsBackground = true }.Start();
    }

    /// <summary>Whether there is a keyboard.</summary>
    public bool ReadsKeys => _asFound is not null;

    /// <summary>Whether somebody has pressed q.</summary>
    public bool IsLeft => _isLeft;

    /// <summary>The terminal's columns and lines now.</summary>
    public static (int Width, int Height) Size
    {
        get
        {
            const int UsualWidth = 80, UsualHeight = 24;
            (int width, int height) = (System.Console.WindowWidth, System.Console.WindowHeight);
            return (width > 0 ? width : UsualWidth, height > 0 ? height : UsualHeight);
        }
    }

    /// <summary>Whether the terminal can do more than to print one line below the other.</summary>
    public static bool IsPossible => Environment.GetEnvironmentVariable(Term) is not (null or "" or Dumb);

    /// <summary>
    /// The console of .NET sets the terminal's keypad mode when it is first used, and never sets it back. So let it be used
    /// first while the terminal seems to have no such mode. terminfo(5), keypad_xmit
    /// </summary>
    public static void LeaveKeypadAlone()
    {
        string? term = Environment.GetEnvironmentVariable(Term);
        Environment.SetEnvironmentVariable(Term, Dumb);
        using (Stream console = System.Console.OpenStandardOutput())
            console.Write([]); // no byte, but the first use
        Environment.SetEnvironmentVariable(Term, term);
    }

    /// <summary>Show lines, from the top.</summary>
    public void Show(IReadOnlyList<Line> lines, int width, int height)
    {
        string picture = Written(writer =>
        {
            for (int row = 0; row < height; row++)
            {
                writer.CursorPosition(row + 1, 1);
                if (row < lines.Count)
                    lines[row].WriteTo(writer, width);
                if (row >= lines.Count || lines[row].Cells < width) // behind a full line it would erase the last character
                    writer.EraseInLine(EndOfLine);
            }
        });
        lock (_writing)
        {
            if (picture == _shown)
                return;
            _shown = picture;
            Stdio.printf(picture);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _suspend.Dispose();
        _leave.Dispose();
    }

    private void Enter() => Stdio.printf(Written(writer => writer.EnterAltScreen().HideCursor().EraseInDisplay(WholeScreen)));

    private void Leave()
    {
        try
        {
            Stdio.printf(Written(writer => writer.ShowCursor().ExitAltScreen()));
        }
        catch (ErrExit)
        {
            // The terminal is gone, and its screen with it.
        }
    }

    // The shell gets its screen and its settings until fg.
    private void Suspend(Action stop)
    {
        lock (_writing)
        {
            Leave();
            var keywise = TerminalSettings.Of(STDIN_FILENO);
            _asFound?.Apply();
            stop();
            keywise?.Apply();
            Enter();
            _shown = "";
        }
    }

    private string Written(Action<AnsiWriter> write)
    {
        using StringWriter text = new();
        write(new AnsiWriter(text, _terminal));
        return text.ToString();
    }

    // It stays in its last read; the runtime gives the terminal its settings back at the end.
    private void ReadKeys()
    {
        try
        {
            while (System.Console.ReadKey(intercept: true).KeyChar is not ('q' or 'Q'))
            {
            }

            _isLeft = true;
        }
        catch (InvalidOperationException)
        {
            // The terminal is gone: SIGHUP says so too.
        }
    }
}
