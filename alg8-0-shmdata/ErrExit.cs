using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// The lecture's ERR_EXIT(m): perror(m) and exit status 1. Thrown, not exited, so that <c>using</c> and
/// <c>finally</c> still remove what is owned; caught once, around the program's action. [8-0]
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
