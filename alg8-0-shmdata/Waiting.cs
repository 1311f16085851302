using System.Runtime.Intrinsics.X86;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>How to wait for a word in shared memory. The memory is the same, so each side may choose its own.</summary>
public enum WaitStrategy
{
    /// <summary>The slide's sleep(1) between looks, its length the interval.</summary>
    Sleep,

    /// <summary>Look all the time.</summary>
    Spin,

    /// <summary>Sleep in the kernel until the other side wakes us. futex(2)</summary>
    Futex,
}

/// <summary>
/// The waiting of 8-2 and 8-3: <c>while (shared->written == 0) sleep(1);</c> with acquire order, and the store that
/// ends the other side's waiting, with release order.
/// </summary>
/// <param name="strategy">How to wait.</param>
/// <param name="interval">The time between looks of <see cref="WaitStrategy.Sleep"/>, in milliseconds.</param>
public sealed class Waiting(WaitStrategy strategy, int interval)
{
    // A C peer wakes nobody: then futex looks by itself, this often, and no later than signals and deaths are told.
    private const int FutexMilliseconds = 200;

    // On one core the other side can only move when we give the processor up.
    private const int LooksBeforeYield = 1000;

    /// <summary>Wait as long as the word has the value.</summary>
    /// <param name="word">The word in shared memory.</param>
    /// <param name="value">The value to wait through.</param>
    /// <param name="peer">Who is to change it.</param>
    /// <param name="loss">What will not be delivered if the peer is gone.</param>
    /// <exception cref="ErrExit">The peer or the memory is gone.</exception>
    public void While(ref int word, int value, Peer peer, ReadOnlySpan<byte> loss)
    {
        for (int seen; (seen = Volatile.Read(ref word)) == value;)
            Pause(ref word, seen, peer, loss);
    }

    /// <summary>Wait until the word has the value.</summary>
    /// <inheritdoc cref="While"/>
    public void Until(ref int word, int value, Peer peer, ReadOnlySpan<byte> loss)
    {
        for (int seen; (seen = Volatile.Read(ref word)) != value;)
            Pause(ref word, seen, peer, loss);
    }

    /// <summary>Store the word, all earlier stores before it, and wake who sleeps on it.</summary>
    public void Store(ref int word, int value)
    {
        Volatile.Write(ref word, value);
        if (strategy != WaitStrategy.Spin)
            _ = futex(ref word, FUTEX_WAKE, int.MaxValue);
    }

    /// <summary>The slide's last sleep(1): the time between two looks; none if there is none.</summary>
    public void LastSleep()
    {
        if (strategy == WaitStrategy.Sleep)
            Stage.Sleep(interval);
    }

    private void Pause(ref int word, int seen, Peer peer, ReadOnlySpan<byte> loss)
    {
        switch (strategy)
        {
            case WaitStrategy.Sleep when interval > 0:
                for (int left = interval; left > 0; left -= Peer.CheckMilliseconds)
                {
                    Stage.Sleep(Math.Min(left, Peer.CheckMilliseconds));
                    peer.Check(ref word, seen, loss);
                }

                break;

            case WaitStrategy.Futex:
                _ = futex(ref word, FUTEX_WAIT, seen, FutexMilliseconds);
                Stage.ThrowIfStopped();
                peer.Check(ref word, seen, loss);
                break;

            default:
                for (int looks = 0; looks < LooksBeforeYield && Volatile.Read(ref word) == seen; looks++)
                {
                    if (X86Base.IsSupported)
                        X86Base.Pause();
                }

                Thread.Yield();
                peer.Check(ref word, seen, loss);
                break;
        }
    }
}
