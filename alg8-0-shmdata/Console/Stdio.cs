using System.Runtime.CompilerServices;
using System.Text;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms.Console;

/// <summary>C's printf on bytes: each call goes out in one write(2), so that two processes never mix inside a line.</summary>
public static unsafe class Stdio
{
    private static readonly Pollfd[] _stdin = [new Pollfd { fd = STDIN_FILENO, events = PollEvents.POLLIN }];
    private static readonly Lazy<bool> _isFile = new(() =>
        Syscall.fstat(STDIN_FILENO, out Stat stat) == 0 && (stat.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFREG);

    private const int STDIN_FILENO = 0, STDOUT_FILENO = 1, STDERR_FILENO = 2;

    /// <summary>Print to standard output. <c>printf($"key = {key:x}\n")</c> is C's <c>printf("key = %x\n", key)</c>.</summary>
    /// <param name="text">Text, numbers and raw bytes; bytes go out as they are, never decoded.</param>
    /// <exception cref="ErrExit">write(2) failed: EPIPE, ENOSPC, EBADF ...</exception>
    public static void printf(ref PrintfText text) => PrintObserved(text.Written);

    /// <inheritdoc cref="printf(ref PrintfText)"/>
    public static void printf(string text) => PrintObserved(Encoding.UTF8.GetBytes(text));

    /// <summary>Print lines to standard error, in one write; one that cannot be printed is lost.</summary>
    public static void Notice(string lines) => _ = TryWrite(STDERR_FILENO, Encoding.UTF8.GetBytes(lines + "\n"));

    /// <summary>
    /// Where a standard stream was closed, the next file to be opened gets its number: .NET has /dev/urandom as its
    /// standard input then, and its signals' pipe as its output. Keep the numbers for streams that fail as closed ones do.
    /// </summary>
    internal static void HoldStandardStreams()
    {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        {
            if (Syscall.fcntl(fd, FcntlCommand.F_GETFD) == 0)
                continue; // without FD_CLOEXEC, as all that comes through execve; what .NET opens has it

            int closed = fd == STDIN_FILENO // opened the wrong way round: read, or write, fails with EBADF
                ? Syscall.open("/dev/null", OpenFlags.O_WRONLY)
                : Syscall.open("/", OpenFlags.O_RDONLY);
            if (closed != fd && closed >= 0)
            {
                _ = Syscall.dup2(closed, fd);
                _ = Syscall.close(closed);
            }
        }
    }

    /// <summary>Write raw bytes to standard output. write(2)</summary>
    /// <exception cref="ErrExit">write(2) failed: EPIPE, ENOSPC, EBADF ...</exception>
    public static void write(ReadOnlySpan<byte> bytes) => Print(bytes);

    /// <summary>Read what standard input has, up to the room there is; look after the other side while it has nothing. read(2)</summary>
    /// <param name="room">Where to put it.</param>
    /// <param name="side">This side of the shared memory, which pauses meanwhile.</param>
    /// <returns>The number of bytes; 0 at the end of input.</returns>
    /// <exception cref="ErrExit">read(2) failed: EBADF, EIO, EISDIR ...; or the peer is gone.</exception>
    public static int read(Span<byte> room, IPausing side)
    {
        if (Observer.Current is not { } observer)
            return ReadWhenTyped(room, side);

        try
        {
            observer.BeforeRead(Syscall.isatty(STDIN_FILENO));
            return ReadWhenTyped(room, side);
        }
        finally
        {
            observer.AfterRead();
        }
    }

    /// <summary>Give bytes that were read back to standard input, if it is a file: for who reads on after this program. lseek(2)</summary>
    internal static void Unread(int bytes)
    {
        if (bytes > 0 && _isFile.Value)
            _ = LibC.lseek(STDIN_FILENO, -bytes, LibC.SEEK_CUR);
    }

    private static int ReadWhenTyped(Span<byte> room, IPausing side)
    {
        while (true)
        {
            WaitUntilTyped(side);
            long read;
            fixed (byte* p = room)
                read = Syscall.read(STDIN_FILENO, p, (ulong)room.Length);
            if (read >= 0)
                return (int)read;

            Errno errno = Stdlib.GetLastError();
            if (errno is Errno.EINTR or Errno.EAGAIN)
                continue;
            side.Check(); // EFAULT: the memory that it was to be read into was cut
            throw new ErrExit($"{ErrExit.Program}: read()", errno);
        }
    }

    private static void WaitUntilTyped(IPausing side)
    {
        Signals.ThrowIfStopped();
        if (_isFile.Value || Syscall.poll(_stdin, 0) > 0) // of a file nobody needs to wait for more
            return;

        side.Pause();
        while (Syscall.poll(_stdin, Waiting.SliceMilliseconds) <= 0)
        {
            Signals.ThrowIfStopped();
            side.Check();
        }

        side.Check();
    }

    private static void PrintObserved(ReadOnlySpan<byte> bytes)
    {
        Observer.Current?.BeforePrint();
        Print(bytes);
        Observer.Current?.AfterPrint(isLine: bytes.EndsWith("\n"u8));
    }

    private static void Print(ReadOnlySpan<byte> bytes)
    {
        Errno errno = TryWrite(STDOUT_FILENO, bytes);
        if (errno != 0)
            throw new ErrExit($"{ErrExit.Program}: write()", errno);
    }

    /// <summary>Write all of the bytes. write(2)</summary>
    /// <returns>0, or the error.</returns>
    public static Errno TryWrite(int fd, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            long written;
            fixed (byte* p = bytes)
                written = Syscall.write(fd, p, (ulong)bytes.Length);

            Errno errno = written >= 0 ? 0 : Stdlib.GetLastError();
            if (errno == 0)
                bytes = bytes[(int)written..];
            else if (errno == Errno.EAGAIN) // somebody made our terminal or pipe non-blocking
                Syscall.poll([new Pollfd { fd = fd, events = PollEvents.POLLOUT }], timeout: 100);
            else if (errno != Errno.EINTR)
                return errno;
        }

        return 0;
    }

    /// <summary>The bytes of an interpolated string: what <c>$"..."</c> becomes when it is handed to printf.</summary>
    [InterpolatedStringHandler]
    public ref struct PrintfText
    {
        private byte[] _buffer;
        private int _length;

        // Whoever prints has time; inlined, all this would cost a loop its registers, in which there is printing only at times.
        /// <summary>Called by the compiler, with the number of literal characters and of holes.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        public PrintfText(int literalLength, int formattedCount) => _buffer = new byte[literalLength + (32 * formattedCount)];

        internal readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

        /// <summary>Literal text.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        public void AppendLiteral(string value) => AppendFormatted(value);

        /// <summary>C's %s: bytes as they are.</summary>
        public void AppendFormatted(ReadOnlySpan<byte> value)
        {
            value.CopyTo(Room(value.Length));
            _length += value.Length;
        }

        /// <summary>Text as UTF-8.</summary>
        public void AppendFormatted(string? value) =>
            _length += Encoding.UTF8.GetBytes(value, Room(Encoding.UTF8.GetMaxByteCount(value?.Length ?? 0)));

        /// <summary>C's %*s: text in a field, on its right side if <paramref name="alignment"/> is positive.</summary>
        public void AppendFormatted(string value, int alignment) =>
            AppendFormatted(alignment > 0 ? value.PadLeft(alignment) : value.PadRight(-alignment));

        /// <summary>C's %d and %x: a number.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        public void AppendFormatted<T>(T value, string? format = null)
            where T : IUtf8SpanFormattable
        {
            int written;
            for (int room = 32; !value.TryFormat(Room(room), out written, format, null); room *= 2)
            {
            }

            _length += written;
        }

        private Span<byte> Room(int bytes)
        {
            if (_buffer.Length - _length < bytes)
                Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + bytes));
            return _buffer.AsSpan(_length);
        }
    }
}
