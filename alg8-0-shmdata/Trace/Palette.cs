using Mono.Unix.Native;

namespace Algorithms.Trace;

/// <summary>The colours of a trace: on a terminal, unless NO_COLOR or TERM=dumb asks for none. no-color.org</summary>
internal sealed class Palette
{
    private const int STDERR_FILENO = 2;

    private readonly bool _isColoured;

    private Palette(bool isTerminal) =>
        _isColoured = isTerminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>For lines on standard error, wherever that goes.</summary>
    public static Palette ForStandardError() => new(Syscall.isatty(STDERR_FILENO));

    /// <summary>For lines on the terminal itself.</summary>
    public static Palette ForTerminal() => new(isTerminal: true);

    // The eight plain colours, which each terminal fits to its background.

    /// <summary>How the lines of this process begin.</summary>
    public static string ThisProcess => $"[{ErrExit.Program} {Environment.ProcessId}]";

    /// <summary>The process.</summary>
    public string Who(string text) => In("36", text);

    /// <summary>What is about to be called.</summary>
    public string Call(string text) => In("1", text);

    /// <summary>What a call returned.</summary>
    public string Result(string text) => In("32", text);

    /// <summary>The same, where it failed.</summary>
    public string Error(string text) => In("31", text);

    /// <summary>Where it stands on the slides.</summary>
    public string Anchor(string text) => In("35", text);

    private string In(string colour, string text) => _isColoured && text.Length > 0 ? $"\e[{colour}m{text}\e[0m" : text;
}
