using System.ComponentModel;
using Mono.Unix.Native;

namespace Algorithms.Linux;

/// <summary>
/// What .NET reports by an exception, in the words of the call that failed: its own words, which know nothing of the
/// call, reach no user.
/// </summary>
public static class Failure
{
    /// <summary>An exception as an error of a call.</summary>
    /// <param name="call">What perror is given: <c>bench: open(figures.csv)</c>.</param>
    /// <param name="failure">The exception.</param>
    /// <param name="hint">What to do, where it has an errno.</param>
    public static ErrExit Of(string call, Exception failure, string? hint = null) => failure switch
    {
        ErrExit error => error,
        AggregateException { InnerException: { } inner } => Of(call, inner, hint),
        TypeInitializationException { InnerException: { } inner } => Of(call, inner, hint),
        DllNotFoundException => ErrExit.Because( // also where there is no strerror to ask
            $"{call}: a library cannot be loaded", "libMonoPosixHelper.so belongs beside the program: ./run.sh build --force puts it there"),
        _ when Errno(failure) is var errno and not 0 => new ErrExit(call, errno).With(hint),
        _ => ErrExit.Because(
            $"{call}: internal error: {failure.GetType().Name.Replace(nameof(Exception), "", StringComparison.Ordinal)}",
            "this is a fault of the program; please report it, with what was typed"),
    };

    /// <summary>The errno of the call behind an exception; 0 where there was no call.</summary>
    public static Errno Errno(Exception failure) => failure switch
    {
        FileNotFoundException or DirectoryNotFoundException => Mono.Unix.Native.Errno.ENOENT,
        PathTooLongException => Mono.Unix.Native.Errno.ENAMETOOLONG,
        UnauthorizedAccessException => failure.InnerException is IOException inner ? Errno(inner) : Mono.Unix.Native.Errno.EACCES,
        IOException { HResult: > 0 and var errno } => (Errno)errno, // HResults of Windows are negative
        Win32Exception { NativeErrorCode: 0 } => Mono.Unix.Native.Errno.EACCES, // a folder that was to be executed
        Win32Exception error => (Errno)error.NativeErrorCode,
        OutOfMemoryException => Mono.Unix.Native.Errno.ENOMEM,
        _ => 0,
    };
}
