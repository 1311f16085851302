using Algorithms.Linux;
using Algorithms.Session;
using Mono.Unix.Native;

namespace Algorithms.Trace;

/// <summary>
/// --step: stops before each of the lecture's calls and tells what it will do. A controller and its children take turns:
/// while one asks, or reads what is typed, the others neither ask nor print.
/// </summary>
internal static class Step
{
    private const byte RunsOn = (byte)'c', Leaves = (byte)'q';
    private const char EndOfInput = '\u0004'; // Ctrl-D

    private static Keyboard? _keyboard;
    private static Sentences? _sentences;
    private static Palette _palette = Palette.ForTerminal();
    private static bool _isOver, _left;

    /// <summary>Whether this program stops before its calls.</summary>
    public static bool IsOn() => _keyboard is not null && !_isOver && !(_isOver = Turn.IsOver());

    /// <summary>Whether somebody has chosen to leave, here or in a child. Asked at the end.</summary>
    public static bool HasLeft() => _left || (_keyboard is not null && Controller.Pid == 0 && (_left = Turn.WasLastWord(Leaves)));

    /// <summary>Begin to step.</summary>
    /// <exception cref="ErrExit">There is no terminal.</exception>
    public static void Start(Sentences sentences) => (_keyboard, _sentences) = (Keyboard.Open(), sentences);

    /// <summary>Never ask again: what is to be undone is undone without a question.</summary>
    public static void End() => _isOver = true;

    /// <summary>Stop before a call.</summary>
    /// <param name="call">The call as it will be made.</param>
    /// <param name="entry">What there is to say of it.</param>
    public static void Before(string call, Sentences.Sentence? entry) => InTurn(() =>
    {
        if (!IsOn())
            return; // somebody has said so while this process waited for its turn

        string anchor = entry is null ? "" : $"   {_palette.Anchor($"[{entry.Anchor}]")}";
        string text = string.Concat((entry?.Text ?? []).Select(line => $"    {line}\n"));
        string question = $"\n{_palette.Who(Palette.ThisProcess)} {_palette.Call(call)}{anchor}\n{text}    {string.Join(' ', _sentences!.Of("keys")!.Text)}\n";
        switch (_keyboard!.Ask(question, $"\ncq{EndOfInput}", Check))
        {
            case '\n':
                break;

            case 'c':
                _isOver = true;
                Turn.End(RunsOn);
                break;

            default:
                Leave();
                break;
        }
    });

    /// <summary>Show a line at the terminal, as long as this program steps.</summary>
    public static void Show(string line) => InTurn(() =>
    {
        if (IsOn())
            _keyboard!.Write(line + "\n");
    });

    /// <summary>Do something when it is this program's turn; at once where nobody steps.</summary>
    public static void InTurn(Action action)
    {
        TakeTurn();
        try
        {
            action();
        }
        finally
        {
            GiveTurn();
        }
    }

    /// <summary>Wait until nobody else asks at the terminal.</summary>
    public static void TakeTurn()
    {
        if (!IsOn())
            return;
        Turn.Take(Check);
        _keyboard!.Restore(); // a process that was killed at its question had the turn until then
    }

    /// <summary>What to hand down to a child, so that it takes turns with this process; null where nobody steps.</summary>
    public static string? ForChild() => IsOn() ? Turn.ShareWithChild(_keyboard!.Flags) : null;

    /// <summary>
    /// At the end, let the terminal be as it was when the session began, whichever process was killed at its question:
    /// the business of the one who began the session, and of all when that one is gone.
    /// </summary>
    public static void RestoreTerminal()
    {
        if (Controller.Pid == 0 || Controller.IsGone())
            _keyboard?.Restore();
    }

    /// <summary>Let others ask.</summary>
    public static void GiveTurn()
    {
        if (_keyboard is not null)
            Turn.Give();
    }

    private static void Check()
    {
        Signals.ThrowIfStopped();
        if (Controller.WhyGone() is { } reason)
            throw ErrExit.Because($"{ErrExit.Program}: {reason}");
    }

    // The controller ends the other children, and removes what it made.
    private static void Leave()
    {
        (_isOver, _left) = (true, true);
        Turn.End(Leaves);
        if (Controller.Pid != 0)
            _ = Syscall.kill(Controller.Pid, Signum.SIGTERM);
        Signals.Leave();
    }
}
