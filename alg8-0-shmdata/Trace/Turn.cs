using System.Globalization;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms.Trace;

/// <summary>
/// Whose turn it is to ask at the terminal, among a controller and its children: a pipe that they inherit. The lock on
/// it is the turn, which goes with its holder, however that ends. A byte in it, which nobody takes out, tells that there
/// is nothing more to ask. The environment variable has the pipe's two descriptors, and the terminal's settings.
/// </summary>
internal static class Turn
{
    private const int PollMilliseconds = 20;

    private static (int Reading, int Writing)? _pipe = Inherited();

    /// <summary>Whether somebody has said that all are to run on, or to leave.</summary>
    public static bool IsOver() =>
        _pipe is { } pipe && Syscall.poll([new Pollfd { fd = pipe.Reading, events = PollEvents.POLLIN }], timeout: 0) > 0;

    /// <summary>How the terminal was when the session began, as the one who began it tells; null where it is this process.</summary>
    public static uint? TerminalFlags { get; } = _pipe is null ? null : FlagsHandedDown();

    /// <summary>What to hand down to a child, so that it takes turns with this process.</summary>
    /// <param name="terminalFlags">How the terminal was when the session began.</param>
    public static string ShareWithChild(uint terminalFlags)
    {
        if (_pipe is null)
        {
            Pipe pipe = Pipe.Shared(); // for as long as this process lives
            _pipe = (pipe.Reading, pipe.Writing);
        }

        return $"{Pipe.Describe(_pipe.Value.Reading)},{Pipe.Describe(_pipe.Value.Writing)},{terminalFlags}";
    }

    /// <summary>Wait for the turn, and take it; at once if this process has it, or is alone.</summary>
    /// <param name="check">Asked while waiting; may throw.</param>
    public static void Take(Action check)
    {
        while (_pipe is { } pipe && !TryLock(pipe.Writing, LockType.F_WRLCK))
        {
            check();
            Signals.Sleep(PollMilliseconds);
        }
    }

    /// <summary>Give the turn to whoever waits for it.</summary>
    public static void Give()
    {
        if (_pipe is { } pipe)
            _ = TryLock(pipe.Writing, LockType.F_UNLCK);
    }

    /// <summary>Tell all that there is nothing more to ask.</summary>
    /// <param name="last">Why: a byte for <see cref="WasLastWord"/>.</param>
    public static unsafe void End(byte last)
    {
        if (_pipe is { } pipe)
            _ = Syscall.write(pipe.Writing, &last, 1);
    }

    /// <summary>Whether this was the reason. Asked once, by the controller, at its end: it takes the reason out.</summary>
    public static unsafe bool WasLastWord(byte last)
    {
        byte first = 0;
        return IsOver() && Syscall.read(_pipe!.Value.Reading, &first, 1) == 1 && first == last;
    }

    private static bool TryLock(int fd, LockType type)
    {
        Flock turn = new() { l_type = type, l_whence = SeekFlags.SEEK_SET };
        return Syscall.fcntl(fd, FcntlCommand.F_SETLK, ref turn) == 0 || Stdlib.GetLastError() is not (Errno.EAGAIN or Errno.EACCES);
    }

    private static string[] HandedDown => Environment.GetEnvironmentVariable(Observer.Variable)?.Split(',') ?? [];

    private static (int Reading, int Writing)? Inherited() =>
        HandedDown is [var reading, var writing, _] && Pipe.Inherited(reading) is { } r && Pipe.Inherited(writing) is { } w ? (r, w) : null;

    private static uint? FlagsHandedDown() =>
        uint.TryParse(HandedDown[^1], NumberStyles.None, CultureInfo.InvariantCulture, out uint flags) ? flags : null;
}
