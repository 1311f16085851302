using static Algorithms.LibC;

namespace Algorithms.Console;

/// <summary>How a terminal treats what is typed, as it was at some moment. termios(3)</summary>
public sealed class TerminalSettings
{
    private const uint KeyFlags = ICANON | ECHO;

    private readonly int _fd;
    private readonly Termios _termios;

    private TerminalSettings(int fd, Termios termios) => (_fd, _termios) = (fd, termios);

    /// <summary>The settings now.</summary>
    /// <param name="fd">The terminal.</param>
    /// <returns>Null where it is no terminal: ENOTTY.</returns>
    public static TerminalSettings? Of(int fd) => tcgetattr(fd, out Termios termios) == 0 ? new TerminalSettings(fd, termios) : null;

    /// <summary>What a question for a key changes of them, to be told to another process.</summary>
    public uint Flags => _termios.c_lflag & KeyFlags;

    /// <summary>The same, but with these flags.</summary>
    public TerminalSettings With(uint flags)
    {
        Termios other = _termios;
        other.c_lflag = (other.c_lflag & ~KeyFlags) | (flags & KeyFlags);
        return new TerminalSettings(_fd, other);
    }

    /// <summary>The same, but for keys: each is read at once, and does not show on the screen.</summary>
    public TerminalSettings Keywise() => With(0);

    /// <summary>Let the terminal be so, when all that was written is on the screen.</summary>
    public void Apply() => _ = tcsetattr(_fd, TCSADRAIN, _termios);
}
