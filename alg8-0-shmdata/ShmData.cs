using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>Algorithm 8-0, shmdata.h: what both sides of a shared memory must agree on.</summary>
public static class ShmData
{
    /// <summary>The size of one message in bytes, its NUL included: a page. [8-0]</summary>
    public const int TEXT_SIZE = 4 * 1024;

    /// <summary>The maximal number of messages in the segment. [8-0]</summary>
    public const int TEXT_NUM = 1;

    /// <summary>The owner may read. 0400, inode(7)</summary>
    public const int S_IRUSR = 0b100_000_000;

    /// <summary>The owner may write. 0200, inode(7)</summary>
    public const int S_IWUSR = 0b010_000_000;

    /// <summary>The flags with which every program of the lecture calls shmget. [8-0]</summary>
    public const int PERM = S_IRUSR | S_IWUSR | IPC_CREAT;

    /// <summary>0666, everybody reads and writes: the mode of the lecture's segments and objects. [8-1.2]</summary>
    public const int MODE_0666 = 0b110_110_110;

    /// <summary>0444: what the consumer hands to shm_open, which uses it only with O_CREAT. [8-6]</summary>
    public const int MODE_0444 = 0b100_100_100;

    /// <summary>0644: the mode of a file that creat makes for ftok. [8-1.1]</summary>
    public const int MODE_0644 = 0b110_100_100;

    /// <summary>The lecture's project id for ftok, of which 8 bits are used. [8-1.2]</summary>
    public const int PROJ_ID = 0x27;

    /// <summary>stdlib.h: all went well.</summary>
    public const int EXIT_SUCCESS = 0;

    /// <summary>stdlib.h: an error, the usage line included.</summary>
    public const int EXIT_FAILURE = 1;
}

/// <summary>The message slot that reader and writer share: 4100 bytes, as C lays it out. [8-0]</summary>
[StructLayout(LayoutKind.Sequential)]
public struct shared_struct
{
    /// <summary>0: the buffer is writable; any other value: it is readable. Offset 0</summary>
    public int written;

    /// <summary>The message: bytes up to a NUL. Offset 4</summary>
    public message_text mtext;
}

/// <summary>char mtext[TEXT_SIZE]: the bytes of one message.</summary>
[InlineArray(ShmData.TEXT_SIZE)]
public struct message_text
{
    private byte _first;
}

/// <summary>
/// The lecture's ERR_EXIT(m): perror(m) and exit status 1. Thrown, not exited, so that <c>using</c> and
/// <c>finally</c> still remove what is owned; caught once, in <c>Stage.Invoke</c>. [8-0]
/// </summary>
public sealed class ErrExit : Exception
{
    private readonly string _call;

    /// <summary>The program's name, as its messages begin with it: <c>shmcon</c>.</summary>
    public static string Program { get; set; } = "";

    /// <summary>A system call failed: takes errno as it stands, so no other call may come between.</summary>
    /// <param name="call">What perror is given: <c>shmcon: shmget()</c>.</param>
    public ErrExit(string call)
        : this(call, (Errno)Marshal.GetLastPInvokeError())
    {
    }

    /// <summary>The same for an interpolated text, which is formatted after errno was taken.</summary>
    /// <param name="call">What perror is given: <c>shmcon: shmget()</c>.</param>
    public ErrExit(ErrnoText call)
        : this(call.ToString(), (Errno)call.Errno)
    {
    }

    /// <summary>A call failed that returns its errno, as posix_fallocate does.</summary>
    public ErrExit(string call, Errno errno)
        : base($"{call}: {Syscall.strerror(errno)}") => (Errno, _call) = (errno, call);

    private ErrExit(string message, Errno errno, string call, string? hint)
        : base(message) => (Errno, _call, Hint) = (errno, call, hint);

    /// <summary>An error that no system call reported.</summary>
    /// <param name="message">The whole line, without its newline.</param>
    /// <param name="hint">Why, and what to do.</param>
    public static ErrExit Because(string message, string? hint = null) => new(message, 0, message, hint);

    /// <summary>The failed call's errno; 0 where no call failed.</summary>
    public Errno Errno { get; }

    /// <summary>Why, and what to do: printed below the error as <c>hint: ...</c>, each line.</summary>
    public string? Hint { get; }

    /// <summary>The error and its hints, as they are printed.</summary>
    public string Lines => Hint is null ? Message : $"{Message}\nhint: {Hint.ReplaceLineEndings("\nhint: ")}";

    /// <summary>The same error, explained.</summary>
    public ErrExit With(string? hint) => new(Message, Errno, _call, hint);

    /// <summary>The same call's error, but with the errno that the slide's own call would have had.</summary>
    public ErrExit With(Errno errno, string? hint) => new ErrExit(_call, errno).With(hint);
}
