using System.Diagnostics;
using Algorithms.Linux;

namespace Algorithms;

/// <summary>
/// A way for messages from one process, the sender, to another, the receiver, and for acknowledgements back. The sender
/// makes it and hands its address to the receiver.
/// </summary>
internal abstract class Channel : IDisposable
{
    private readonly Stopwatch _setUp = new();

    /// <summary>What the receiver needs to find it, in one word.</summary>
    public abstract string Address { get; }

    /// <summary>The time that the calls took which set it up on this side; waits for the other side left out.</summary>
    public virtual TimeSpan SetUp => _setUp.Elapsed;

    /// <summary>The sender, once the receiver has been started.</summary>
    public virtual void Connect()
    {
    }

    /// <summary>Send a message; wait while there is no room for it.</summary>
    public abstract void Send(ReadOnlySpan<byte> message);

    /// <summary>Receive a message of the size agreed upon; wait while there is none.</summary>
    public abstract void Receive(Span<byte> message);

    /// <summary>The receiver: tell the sender that all so far has come.</summary>
    public abstract void Acknowledge();

    /// <summary>The sender: wait until it has.</summary>
    public abstract void AwaitAcknowledgement();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Make calls that set it up, and count their time.</summary>
    protected T Timed<T>(Func<T> calls)
    {
        _setUp.Start();
        try
        {
            return calls();
        }
        finally
        {
            _setUp.Stop();
        }
    }

    /// <summary>Take the result of a call, -1 being an error.</summary>
    /// <exception cref="ErrExit">It was one.</exception>
    protected static long Check(long result, string call) => result == -1 ? throw UnlessStopped(new ErrExit($"ipc: {call}")) : result;

    /// <summary>An error that may only be the work of a signal, to which the other side may have listened first.</summary>
    protected static ErrExit UnlessStopped(ErrExit error)
    {
        const int Milliseconds = 200;

        Signals.Sleep(Milliseconds);
        return error;
    }
}
