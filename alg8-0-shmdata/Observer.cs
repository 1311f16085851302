using Mono.Unix.Native;

namespace Algorithms;

/// <summary>One of the lecture's calls, as it is reported to an observer.</summary>
/// <param name="Name">C's name: <c>shmget</c>.</param>
/// <param name="Kind">Which of the things that the call can do, where they are as different as two calls: <c>FUTEX_WAKE</c>.</param>
/// <param name="Arguments">The arguments, in parentheses: <c>(0x27011c6c, 4100, IPC_CREAT|0666)</c>.</param>
public readonly record struct ObservedCall(string Name, string? Kind, string Arguments);

/// <summary>
/// What a program reports about itself while it runs: its calls, its lines, what it reads, its end. An observer may show
/// them, and may hold the program up in any of these methods. Nothing but <see cref="Observer"/> knows which one it is.
/// </summary>
public interface IObserver
{
    /// <summary>A call is about to be made.</summary>
    void BeforeCall(in ObservedCall made);

    /// <summary>A call was made.</summary>
    /// <param name="made">The call, as it was reported before.</param>
    /// <param name="arguments">Its arguments, as they are now.</param>
    /// <param name="result">What it returned: <c>32768</c>.</param>
    /// <param name="errno">The error; 0 for none.</param>
    void AfterCall(in ObservedCall made, string arguments, string result, Errno errno);

    /// <summary>Something is about to be printed.</summary>
    void BeforePrint();

    /// <summary>It was printed.</summary>
    /// <param name="isLine">Whether it ended a line; else an answer is expected behind it.</param>
    void AfterPrint(bool isLine);

    /// <summary>Standard input is about to be read.</summary>
    /// <param name="isTerminal">Whether a person types it.</param>
    void BeforeRead(bool isTerminal);

    /// <summary>It was read.</summary>
    void AfterRead();

    /// <summary>The end: what the program still owns is undone from now on, without a stop.</summary>
    void EndProgram();

    /// <summary>The end of the session: all that the program owned is undone.</summary>
    void EndSession();

    /// <summary>Whether the program may be held up before a call for as long as a person likes: then no time limit counts.</summary>
    bool IsHolding();

    /// <summary>Whether a person has chosen to leave: then the program ends with status 0.</summary>
    bool HasLeft();

    /// <summary>The arguments with which a child is observed in the same way.</summary>
    IEnumerable<string> ArgumentsForChild();

    /// <summary>The value of <see cref="Observer.Variable"/> in a child's environment; null for none.</summary>
    string? VariableForChild();
}

/// <summary>The one observer of this process.</summary>
public static class Observer
{
    /// <summary>The environment variable through which an observer reaches its counterparts in the children.</summary>
    public const string Variable = "ALG8_TURN_FDS";

    /// <summary>The observer; null for none, as without an option that asks for one.</summary>
    public static IObserver? Current { get; set; }
}
