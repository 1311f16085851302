using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace Algorithms.Linux;

/// <summary>A pipe between the controller and its children, each of which closes the end that it does not use.</summary>
internal sealed class Pipe : IDisposable
{
    /// <summary>What one write puts into a pipe undivided. PIPE_BUF, pipe(7)</summary>
    public const int Most = 4096;

    private int _reading, _writing;

    private Pipe()
    {
        if (Syscall.pipe(out _reading, out _writing) == -1)
            throw new ErrExit($"{ErrExit.Program}: pipe()");
    }

    /// <summary>The end to read from.</summary>
    public int Reading => _reading;

    /// <summary>The end to write to.</summary>
    public int Writing => _writing;

    /// <summary>A pipe from the children to the controller.</summary>
    /// <exception cref="ErrExit">There can be none: EMFILE, ENFILE.</exception>
    public static Pipe FromChildren()
    {
        Pipe pipe = new();
        KeepFromChildren(pipe.Reading);
        return pipe;
    }

    /// <summary>A pipe from the controller to the children.</summary>
    /// <exception cref="ErrExit">There can be none: EMFILE, ENFILE.</exception>
    public static Pipe ToChildren()
    {
        Pipe pipe = new();
        KeepFromChildren(pipe.Writing);
        return pipe;
    }

    /// <summary>A pipe of which the controller and its children all keep both ends.</summary>
    /// <exception cref="ErrExit">There can be none: EMFILE, ENFILE.</exception>
    public static Pipe Shared() => new();

    /// <summary>
    /// A descriptor as it is handed down to a child, with what it is the descriptor of: a program between the two may have
    /// closed it, and have a file of its own under its number.
    /// </summary>
    public static string Describe(int fd) =>
        Syscall.fstat(fd, out Stat pipe) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{fd}:{pipe.st_dev}:{pipe.st_ino}") : "";

    /// <summary>The descriptor that was handed down; null where there is none, or none of that pipe any more.</summary>
    /// <param name="description">What <see cref="Describe"/> told of it.</param>
    public static int? Inherited(string? description) =>
        description?.Split(':') is [var number, ..]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int fd)
        && Describe(fd) == description
            ? fd
            : null;

    /// <summary>Put a text into it. Nobody there to read it: then it is lost.</summary>
    public unsafe void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* p = bytes)
            _ = Syscall.write(_writing, p, (ulong)Math.Min(bytes.Length, Most));
    }

    /// <summary>Read all that comes, until nobody has the writing end any more.</summary>
    public unsafe byte[] ReadToEnd()
    {
        List<byte> all = [];
        byte* some = stackalloc byte[Most];
        long length;
        while ((length = Syscall.read(_reading, some, Most)) > 0 || (length == -1 && Stdlib.GetLastError() is Errno.EINTR))
            all.AddRange(new ReadOnlySpan<byte>(some, (int)Math.Max(0, length)));
        return [.. all];
    }

    /// <summary>Close the writing end, so that its reader sees the end once the children have closed theirs.</summary>
    public void CloseWriting() => Close(ref _writing);

    /// <summary>Close the reading end, where only a child is to read.</summary>
    public void CloseReading() => Close(ref _reading);

    /// <inheritdoc/>
    public void Dispose()
    {
        Close(ref _reading);
        Close(ref _writing);
    }

    private static void KeepFromChildren(int fd)
    {
        const int FD_CLOEXEC = 1;
        _ = Syscall.fcntl(fd, FcntlCommand.F_SETFD, FD_CLOEXEC);
    }

    private static void Close(ref int fd)
    {
        if (fd >= 0)
            _ = Syscall.close(fd);
        fd = -1;
    }
}
