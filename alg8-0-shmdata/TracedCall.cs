using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// One of the lecture's calls, from before it is made until its result is there, for the observer. Where there is none, no
/// text is made. errno stays as the call left it in any case.
/// </summary>
public readonly struct TracedCall
{
    private readonly ObservedCall? _call; // null where there is no observer

    private TracedCall(ObservedCall call) => _call = call;

    /// <summary>Announce a call.</summary>
    /// <param name="name">C's name.</param>
    /// <param name="arguments">The arguments, in parentheses, as strace shows them. strace(1)</param>
    /// <param name="kind">Which of the things that it can do.</param>
    public static TracedCall Begin(string name, ref ArgumentsText arguments, string? kind = null)
    {
        if (Observer.Current is not { } observer)
            return default;

        ObservedCall call = new(name, kind, arguments.ToString());
        observer.BeforeCall(call);
        return new TracedCall(call);
    }

    /// <summary>Report the result of a call that returns a number, and -1 on error.</summary>
    /// <returns>The result.</returns>
    public int Returned(int ret)
    {
        if (_call is { } call)
            Report(Marshal.GetLastPInvokeError(), call, call.Arguments, $"{ret}", isError: ret == -1);
        return ret;
    }

    /// <summary>The same, where the call has filled in what one of its arguments points to.</summary>
    /// <param name="ret">The result.</param>
    /// <param name="arguments">The arguments as they are now.</param>
    public int Returned(int ret, ref ArgumentsText arguments)
    {
        if (_call is { } call)
            Report(arguments.Errno, call, ret == -1 ? call.Arguments : arguments.ToString(), $"{ret}", isError: ret == -1);
        return ret;
    }

    /// <summary>Report the result of a call that returns a key, and -1 on error.</summary>
    public int ReturnedKey(int key)
    {
        if (_call is { } call)
            Report(Marshal.GetLastPInvokeError(), call, call.Arguments, key == -1 ? "-1" : $"0x{key:x}", isError: key == -1);
        return key;
    }

    /// <summary>Report the error of a call that has failed, and returns neither -1 nor errno.</summary>
    public void Failed(Errno errno)
    {
        if (_call is { } call)
            Observer.Current?.AfterCall(call, call.Arguments, "-1", errno);
    }

    /// <summary>Report the result of a call that returns errno itself.</summary>
    public int ReturnedErrno(int errno)
    {
        if (_call is { } call)
            Observer.Current?.AfterCall(call, call.Arguments, $"{errno}", (Errno)errno);
        return errno;
    }

    /// <summary>Report what a call has attached or mapped.</summary>
    public T Returned<T>(T memory)
        where T : SharedMemory
    {
        if (_call is { } call)
        {
            int errno = Marshal.GetLastPInvokeError();
            Report(errno, call, call.Arguments, memory.IsInvalid ? "(void *) -1" : Strace.Pointer(memory.Address), memory.IsInvalid);
        }

        return memory;
    }

    /// <summary>Report the descriptor that a call has opened.</summary>
    public ShmObject Returned(ShmObject opened)
    {
        if (_call is { } call)
            Report(Marshal.GetLastPInvokeError(), call, call.Arguments, $"{opened.Fd}", opened.IsInvalid);
        return opened;
    }

    // errno is the first argument, so that it is taken before the result is formatted. It is put back afterwards: the
    // observer makes calls too, and the caller's ErrExit wants this call's.
    private static void Report(int errno, in ObservedCall call, string arguments, string result, bool isError)
    {
        Observer.Current?.AfterCall(call, arguments, result, isError ? (Errno)errno : 0);
        Marshal.SetLastPInvokeError(errno);
    }

    /// <summary>The text of a call's arguments: made only where the calls are traced. Takes errno first.</summary>
    [InterpolatedStringHandler]
    public ref struct ArgumentsText
    {
        private ErrnoText _text;

        /// <summary>Called by the compiler; the holes are not even evaluated where there is no observer.</summary>
        public ArgumentsText(int literalLength, int formattedCount, out bool isTraced)
        {
            isTraced = Observer.Current is not null;
            _text = isTraced ? new(literalLength, formattedCount) : default;
        }

        /// <summary>errno, as the last call before the text left it; 0 where there is no observer.</summary>
        public readonly int Errno => _text.Errno;

        /// <summary>Literal text.</summary>
        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        /// <summary>A number, or a text as it is.</summary>
        public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

        /// <inheritdoc/>
        public override string ToString() => _text.ToString();
    }
}
