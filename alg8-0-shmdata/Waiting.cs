using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>The other side, as a wait for it needs it: nobody waits for the dead.</summary>
public interface IPeer
{
    /// <summary>
    /// Called while waiting, as often as one likes. Ends the wait if a signal came, if the peer or the controller is
    /// gone, or if the memory was removed.
    /// </summary>
    /// <param name="word">The word that is waited for.</param>
    /// <param name="seen">Its value when last looked at: if it has changed, the peer did its part before it went.</param>
    /// <param name="loss">What will not be delivered if the peer is gone.</param>
    /// <exception cref="ErrExit">There is nothing left to wait for.</exception>
    void Check(ref int word, int seen, ReadOnlySpan<byte> loss);

    /// <summary>
    /// As the other, for one that seldom waits: a busy peer is not gone, but the controller or the memory may be, or a
    /// signal may have come.
    /// </summary>
    /// <param name="loss">What will not be delivered if they are gone.</param>
    void CheckBusy(ReadOnlySpan<byte> loss);

    /// <summary>sleep(1), in milliseconds: a signal that asks this program to end ends it.</summary>
    void Sleep(int milliseconds);
}

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
/// The waiting of the slides, <c>while (shared->written == 0) sleep(1);</c>, with acquire order, and the store that
/// ends the other side's waiting, with release order.
/// </summary>
/// <param name="strategy">How to wait.</param>
/// <param name="interval">The time between looks of <see cref="WaitStrategy.Sleep"/>, in milliseconds.</param>
public sealed class Waiting(WaitStrategy strategy, int interval)
{
    /// <summary>How often to ask after the peer: a death is told within two seconds of it, also where looks are far apart.</summary>
    internal const int CheckMilliseconds = 400;

    // A C peer wakes nobody: then futex looks by itself, this often, and no later than signals and deaths are told.
    private const int FutexMilliseconds = 200;

    // Long enough for a peer that runs on another core to do its part; on our own core it moves only when we let it.
    // The first looks follow one another at once: an answer that is on its way is seen a pause sooner.
    private const int Looks = 1000, HardLooks = 200;

    // And long enough for one on another core to be woken first: else both could sleep on by turns, each always too late
    // for the other's looks.
    private const int LongLooks = 8000;

    // After looks in vain, so many waits (doubling up to this) sleep in the kernel at once.
    private const int MostWithoutLooks = 1023;

    private int _withoutLooks, _vain, _looks = Looks;
    private uint _sleeps;

    /// <summary>Wait as long as the word has the value.</summary>
    /// <param name="word">The word in shared memory.</param>
    /// <param name="value">The value to wait through.</param>
    /// <param name="peer">Who is to change it.</param>
    /// <param name="loss">What will not be delivered if the peer is gone.</param>
    /// <exception cref="ErrExit">The peer or the memory is gone.</exception>
    public void While(ref int word, int value, IPeer peer, ReadOnlySpan<byte> loss)
    {
        // A slot's other side answers soon, if it spins too: then this is all.
        for (int looks = 0; Spins && looks < HardLooks; looks++)
        {
            if (Volatile.Read(ref word) != value)
                return;
        }

        _ = While(ref word, value, ref Unsafe.NullRef<int>(), ref Unsafe.NullRef<int>(), ref Unsafe.NullRef<int>(), peer, loss);
    }

    /// <summary>Wait until the word has the value.</summary>
    /// <inheritdoc cref="While(ref int, int, IPeer, ReadOnlySpan{byte})"/>
    public void Until(ref int word, int value, IPeer peer, ReadOnlySpan<byte> loss)
    {
        for (int seen; (seen = Volatile.Read(ref word)) != value;)
            While(ref word, seen, peer, loss);
    }

    /// <summary>Store the word, all earlier stores before it, and wake who sleeps on it.</summary>
    public void Store(ref int word, int value)
    {
        Volatile.Write(ref word, value);
        if (strategy != WaitStrategy.Spin)
            _ = Calls.futex(ref word, FUTEX_WAKE, int.MaxValue);
    }

    /// <summary>The slide's last sleep(1): the time between two looks; none if there is none.</summary>
    /// <param name="peer">Who was waited for.</param>
    public void LastSleep(IPeer peer)
    {
        if (strategy == WaitStrategy.Sleep)
            peer.Sleep(interval);
    }

    /// <summary>As the other, where a word beside it tells whether somebody sleeps: then a wake costs nothing if nobody does.</summary>
    /// <param name="word">The word that is waited for, the other side's.</param>
    /// <param name="value">The value to wait through.</param>
    /// <param name="sleeps">Not 0 while this side sleeps on the word.</param>
    /// <param name="own">This side's own word: before a long wait, who may still sleep on it is woken.</param>
    /// <param name="ownSleeps">Not 0 while the other side sleeps on that.</param>
    /// <param name="peer">Who is to change the word.</param>
    /// <param name="loss">What will not be delivered if the peer is gone.</param>
    /// <returns>The word's new value: to look again would fetch it once more from the other side's core.</returns>
    internal int While(ref int word, int value, ref int sleeps, ref int own, ref int ownSleeps, IPeer peer, ReadOnlySpan<byte> loss)
    {
        int seen;
        while ((seen = Volatile.Read(ref word)) == value
            && !Turn(ref word, value, ref sleeps, ref own, ref ownSleeps, peer, loss, out seen))
        {
        }

        return seen;
    }

    /// <summary>One turn of that loop: for a caller who waits for more than the word.</summary>
    /// <returns>Whether the word was seen to change, into `seen`.</returns>
    internal bool Turn(
        ref int word, int value, ref int sleeps, ref int own, ref int ownSleeps, IPeer peer, ReadOnlySpan<byte> loss, out int seen)
    {
        seen = value;
        switch (strategy)
        {
            case WaitStrategy.Sleep when interval > 0:
                SleepInterval(ref word, value, peer, loss);
                return false;

            case WaitStrategy.Futex:
                if (LookIfItPays(ref word, value, out seen))
                    return true;
                SleepInKernel(ref word, value, ref sleeps);
                if (Volatile.Read(ref word) == value || ++_sleeps % 64 == 0) // who wakes us lives
                    peer.Check(ref word, value, loss);
                return false;

            default:
                if (Look(ref word, value, Looks, out seen) < Looks)
                    return true;
                if (!Unsafe.IsNullRef(ref own))
                    Wake(ref own, ref ownSleeps);
                Thread.Yield();
                peer.Check(ref word, value, loss);
                return false;
        }
    }

    /// <summary>Whether it looks all the time.</summary>
    internal bool Spins => strategy == WaitStrategy.Spin;

    /// <summary>Wake who sleeps on the word, where a store of it may not have done so.</summary>
    internal static void Wake(ref int word, ref int sleeps)
    {
        Interlocked.MemoryBarrier(); // the word is out before the look at `sleeps`; SleepInKernel does it the other way round
        if (Volatile.Read(ref sleeps) != 0)
            _ = Calls.futex(ref word, FUTEX_WAKE, int.MaxValue);
    }

    /// <summary>
    /// Store the word, and wake who sleeps on it. One that spins leaves the wake to <see cref="Wake"/>, before it waits
    /// itself and at its end: a fence for each item would cost it more than the item.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Store(ref int word, int value, ref int sleeps)
    {
        Volatile.Write(ref word, value);
        if (strategy != WaitStrategy.Spin)
            Wake(ref word, ref sleeps);
    }

    private static void SleepInKernel(ref int word, int value, ref int sleeps)
    {
        if (Unsafe.IsNullRef(ref sleeps))
        {
            _ = Calls.futex(ref word, FUTEX_WAIT, value, FutexMilliseconds);
            return;
        }

        Volatile.Write(ref sleeps, 1);
        Interlocked.MemoryBarrier();
        _ = Calls.futex(ref word, FUTEX_WAIT, value, FutexMilliseconds); // the kernel looks at the word once more
        Volatile.Write(ref sleeps, 0);
    }

    private void SleepInterval(ref int word, int value, IPeer peer, ReadOnlySpan<byte> loss)
    {
        for (int left = interval; left > 0; left -= CheckMilliseconds)
        {
            peer.Sleep(Math.Min(left, CheckMilliseconds));
            peer.Check(ref word, value, loss);
        }
    }

    // A sleep costs two switches of process, and across cores much more: so look first, where that has helped of late.
    private bool LookIfItPays(ref int word, int value, out int seen)
    {
        if (_withoutLooks > 0)
        {
            _withoutLooks--;
            seen = value;
            return false;
        }

        int needed = Look(ref word, value, _looks, out seen);
        bool changed = needed < _looks;
        _vain = changed ? 0 : Math.Min((2 * _vain) + 1, MostWithoutLooks);
        _withoutLooks = _vain;
        _looks = needed < Looks ? Looks : LongLooks;
        return changed;
    }

    // How many looks were in vain.
    private static int Look(ref int word, int value, int most, out int seen)
    {
        for (int looks = 0; looks < most; looks++)
        {
            seen = Volatile.Read(ref word);
            if (seen != value)
                return looks;
            if (looks >= HardLooks)
                Relax();
        }

        seen = value;
        return most;
    }

    /// <summary>Tell the processor that this is a loop of looks.</summary>
    internal static void Relax()
    {
        if (X86Base.IsSupported)
            X86Base.Pause();
    }
}
