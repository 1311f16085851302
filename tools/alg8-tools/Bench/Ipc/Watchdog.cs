using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// Who waits for a message in the kernel does not see that the other side has died: a watchdog asks now and then, and
/// ends this process as SIGTERM does, with all that it owns. It has a thread of its own: those of the pool, which a timer
/// uses, look around a thousand times before they sleep, and that would be counted as the mechanism's.
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private const int Milliseconds = 300;

    private readonly ManualResetEvent _isDone = new(initialState: false);

    private Watchdog(Func<bool> isOver) => new Thread(() =>
    {
        while (!_isDone.WaitOne(Milliseconds))
        {
            if (isOver())
                _ = Syscall.kill(Environment.ProcessId, Signum.SIGTERM);
        }
    })
    { IsBackground = true }.Start();

    /// <summary>Watch until disposed.</summary>
    /// <param name="isOver">Whether nobody is left to wait for.</param>
    public static IDisposable Over(Func<bool> isOver) => new Watchdog(isOver);

    /// <inheritdoc/>
    public void Dispose() => _isDone.Set(); // the thread may still look at it: so it is not disposed of
}
