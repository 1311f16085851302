using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>Who is told of the lecture's calls: of each before it is made, and of what came of it.</summary>
public interface ITracer
{
    /// <summary>A call is about to be made.</summary>
    void Before(in TracedCall traced);

    /// <summary>A call was made.</summary>
    /// <param name="traced">The call, as it was told before.</param>
    /// <param name="arguments">Its arguments, as they are now: <c>(0x27011c6c, 4100, IPC_CREAT|0666)</c>.</param>
    /// <param name="result">What it returned: <c>32768</c>.</param>
    /// <param name="errno">The error; 0 for none.</param>
    void After(in TracedCall traced, string arguments, string result, Errno errno);
}

/// <summary>
/// One of the lecture's calls, from before it is made until its result is there. Where nobody watches, it is nothing:
/// no text is made, and errno stays as the call left it in any case.
/// </summary>
public readonly struct TracedCall
{
    private TracedCall(string name, string? kind, string? arguments) => (Name, Kind, Arguments) = (name, kind, arguments);

    /// <summary>Who watches the calls of this process; null for nobody.</summary>
    public static ITracer? Tracer { get; set; }

    /// <summary>Where this process makes its calls now, if the same call means something else there: <c>buffer</c>.</summary>
    public static string? Place { get; set; }

    /// <summary>C's name: <c>shmget</c>.</summary>
    public string Name { get; }

    /// <summary>Which of the things that the call can do, where they are as different as two calls: <c>FUTEX_WAKE</c>.</summary>
    public string? Kind { get; }

    /// <summary>The arguments, in parentheses; null where nobody watches.</summary>
    public string? Arguments { get; }

    /// <summary>Announce a call.</summary>
    /// <param name="name">C's name.</param>
    /// <param name="arguments">The arguments, in parentheses, as strace shows them. strace(1)</param>
    /// <param name="kind">Which of the things that it can do.</param>
    public static TracedCall Begin(string name, ref Text arguments, string? kind = null)
    {
        if (Tracer is not { } tracer)
            return default;

        TracedCall call = new(name, kind, arguments.ToString());
        tracer.Before(call);
        return call;
    }

    /// <summary>Tell the result of a call that returns a number, and -1 on error.</summary>
    /// <returns>The result.</returns>
    public int Returned(int ret)
    {
        if (Arguments is not null)
            Tell(Marshal.GetLastPInvokeError(), Arguments, $"{ret}", isError: ret == -1);
        return ret;
    }

    /// <summary>The same, where the call has filled in what one of its arguments points to.</summary>
    /// <param name="ret">The result.</param>
    /// <param name="arguments">The arguments as they are now.</param>
    public int Returned(int ret, ref Text arguments)
    {
        if (Arguments is not null)
            Tell(arguments.Errno, ret == -1 ? Arguments : arguments.ToString(), $"{ret}", isError: ret == -1);
        return ret;
    }

    /// <summary>Tell the result of a call that returns a key, and -1 on error.</summary>
    public int ReturnedKey(int key)
    {
        if (Arguments is not null)
            Tell(Marshal.GetLastPInvokeError(), Arguments, key == -1 ? "-1" : $"0x{key:x}", isError: key == -1);
        return key;
    }

    /// <summary>Tell the error of a call that some other way than -1 and errno has told of.</summary>
    public void Failed(Errno errno)
    {
        if (Arguments is not null)
            Tracer?.After(this, Arguments, "-1", errno);
    }

    /// <summary>Tell the result of a call that returns errno itself.</summary>
    public int ReturnedErrno(int errno)
    {
        if (Arguments is not null)
            Tracer?.After(this, Arguments, $"{errno}", (Errno)errno);
        return errno;
    }

    /// <summary>Tell what a call has attached or mapped.</summary>
    public T Returned<T>(T memory)
        where T : SharedMemory
    {
        if (Arguments is not null)
        {
            int errno = Marshal.GetLastPInvokeError();
            Tell(errno, Arguments, memory.IsInvalid ? "(void *) -1" : Strace.Pointer(memory.Address), memory.IsInvalid);
        }

        return memory;
    }

    /// <summary>Tell the descriptor that a call has opened.</summary>
    public ShmObject Returned(ShmObject opened)
    {
        if (Arguments is not null)
            Tell(Marshal.GetLastPInvokeError(), Arguments, $"{opened.Fd}", opened.IsInvalid);
        return opened;
    }

    // errno is the first argument, so that it is taken before the result is formatted. It is put back afterwards: the
    // tracer makes calls too, and the caller's ErrExit wants this call's.
    private void Tell(int errno, string arguments, string result, bool isError)
    {
        Tracer?.After(this, arguments, result, isError ? (Errno)errno : 0);
        Marshal.SetLastPInvokeError(errno);
    }

    /// <summary>The text of a call's arguments: made only where the calls are traced. Takes errno first.</summary>
    [InterpolatedStringHandler]
    public ref struct Text
    {
        private ErrnoText _text;

        /// <summary>Called by the compiler; the holes are not even evaluated where no tracer is set.</summary>
        public Text(int literalLength, int formattedCount, out bool isTraced)
        {
            isTraced = Tracer is not null;
            _text = isTraced ? new(literalLength, formattedCount) : default;
        }

        /// <summary>errno, as the last call before the text left it; 0 where no tracer is set.</summary>
        public readonly int Errno => _text.Errno;

        /// <summary>Literal text.</summary>
        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        /// <summary>A number, or a text as it is.</summary>
        public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

        /// <inheritdoc/>
        public override string ToString() => _text.ToString();
    }
}
