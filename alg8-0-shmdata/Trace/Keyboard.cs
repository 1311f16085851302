using System.Text;
using Algorithms.Console;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms.Trace;

/// <summary>The terminal of this process, whatever its standard streams are: for a question and a key. tty(4)</summary>
internal sealed unsafe class Keyboard
{
    private const string Path = "/dev/tty";
    private const int PollMilliseconds = 100;

    private readonly int _fd;

    private Keyboard(int fd)
    {
        _fd = fd;
        Flags = Turn.TerminalFlags ?? TerminalSettings.Of(fd)?.Flags ?? 0;
    }

    /// <summary>How the terminal was when the session began.</summary>
    public uint Flags { get; }

    /// <summary>Let the terminal be so again, where a process has ended in the middle of a question. Needs the turn.</summary>
    public void Restore()
    {
        if (TerminalSettings.Of(_fd) is { } now && now.Flags != Flags)
            now.With(Flags).Apply();
    }

    /// <summary>Open the terminal.</summary>
    /// <exception cref="ErrExit">This process has none: ENXIO.</exception>
    public static Keyboard Open()
    {
        int fd = Syscall.open(Path, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC);
        return fd == -1
            ? throw new ErrExit($"{ErrExit.Program}: --step: open({Path})").With("there is no terminal at which to press Enter; --trace shows the calls without stopping")
            : new Keyboard(fd);
    }

    /// <summary>Show a text.</summary>
    public void Write(string text) => _ = Stdio.TryWrite(_fd, Encoding.UTF8.GetBytes(text));

    /// <summary>Show a question and wait for a key, without its showing on the screen.</summary>
    /// <param name="question">The question; it is there again after Ctrl-Z and fg.</param>
    /// <param name="keys">The keys that mean something; others are dropped.</param>
    /// <param name="check">Asked while waiting; may throw.</param>
    /// <returns>The key; NUL at the end of the terminal.</returns>
    public char Ask(string question, string keys, Action check)
    {
        Write(question);
        if (TerminalSettings.Of(_fd) is not { } before)
            return '\0';

        TerminalSettings keywise = before.Keywise();
        using IDisposable restore = Signals.Own(before.Apply);
        keywise.Apply();
        using IDisposable suspend = Signals.OnSuspend(stop =>
        {
            before.Apply();
            stop();
            keywise.Apply();
            Write(question);
        });

        while (true)
        {
            check();
            if (!IsTyped(PollMilliseconds))
                continue;
            char key = Read();
            if (key != '\0' && !keys.Contains(key))
                continue;
            // Who presses Enter behind a letter, out of habit, does not mean the program that reads next.
            if (key is not ('\0' or '\n') && IsTyped(PollMilliseconds))
                _ = Read();
            return key;
        }
    }

    private bool IsTyped(int milliseconds) =>
        Syscall.poll([new Pollfd { fd = _fd, events = PollEvents.POLLIN }], milliseconds) > 0;

    private char Read()
    {
        byte key;
        return Syscall.read(_fd, &key, 1) == 1 ? (char)key : '\0';
    }
}
