using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>The other side, as a wait for it needs it: nobody waits for the dead.</summary>
public interface IPeer
{
    /// <summary>
    /// Called while this side waits, works or pauses, as often as one likes: looks only when a look is due. Ends what this
    /// side does if a signal came, if the peer or the controller is gone, or if the memory was removed.
    /// </summary>
    /// <exception cref="ErrExit">There is nothing left to wait for.</exception>
    void Check(in Awaited awaited);

    /// <summary>
    /// Called after a sleep, before the memory is accessed again: beyond the end of an object that was cut, each access
    /// would raise SIGBUS.
    /// </summary>
    /// <exception cref="ErrExit">The memory is no longer there.</exception>
    void CheckMemory(ReadOnlySpan<byte> loss);

    /// <summary>sleep(1), in milliseconds: a signal that asks this program to end ends it.</summary>
    void Sleep(int milliseconds);
}

/// <summary>What this side needs of the other: by it, a check decides whether a death matters, and what was lost.</summary>
/// <param name="word">The word in shared memory that the other side is to change.</param>
/// <param name="value">Its value until then: if it has another one, the peer did its part before it went.</param>
/// <param name="loss">What is not delivered if the peer is gone, as long as the word has the value.</param>
public readonly ref struct Awaited(ref int word, int value, ReadOnlySpan<byte> loss)
{
    private readonly ref int _word = ref word;
    private readonly int _value = value;

    /// <summary>What is not delivered while the word has the value.</summary>
    public ReadOnlySpan<byte> Loss { get; } = loss;

    /// <summary>Whether the peer is needed even if the word has changed, as a reader is by a writer.</summary>
    public bool InAnyCase { get; init; }

    /// <summary>What is not delivered then.</summary>
    public ReadOnlySpan<byte> OtherLoss { get; init; }

    /// <summary>Whether this side does nothing but wait.</summary>
    public bool IsWait { get; init; }

    /// <summary>Whether the word has changed before, so that there is, or was, a peer.</summary>
    public bool WasAnswered { get; init; }

    /// <summary>Whether the word has changed by now; never where there is none.</summary>
    public bool HasChanged => !Unsafe.IsNullRef(ref _word) && Volatile.Read(ref _word) != _value;
}

/// <summary>
/// One side of the memory, when it pauses: when it reads input, or sleeps between two messages. The other side must not
/// sleep on for that, nor this one miss the other's death.
/// </summary>
public interface IPausing
{
    /// <summary>A pause begins: wake the other side, where what this one stored may not have done so.</summary>
    void Pause();

    /// <summary>Called during the pause, and at its end. As <see cref="IPeer.Check"/>.</summary>
    void Check();
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

    // A C peer wakes nobody: then futex looks by itself, this often, and no later than signals and deaths are told. Pauses
    // are cut into such slices too.
    internal const int SliceMilliseconds = 200;

    // Long enough for a peer that runs on another core to do its part; on our own core it moves only when we let it.
    // The first looks follow one another at once: an answer that is on its way is seen a pause sooner.
    private const int Looks = 1000, HardLooks = 200;

    // And long enough for one on another core to be woken first: else both could sleep on by turns, each always too late
    // for the other's looks.
    private const int LongLooks = 8000;

    // After looks in vain, so many waits (doubling up to this) sleep in the kernel at once.
    private const int MostWithoutLooks = 1023;

    private int _withoutLooks, _vain, _looks = Looks;

    // A slot's: how often this side has stored the word, up to which of these it has woken the other side, and whether it
    // has seen that one's store.
    private int _stores, _woken;
    private bool _seenChange;

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
            if (Volatile.Read(ref word) == value)
                continue;
            _seenChange |= looks > 0;
            return;
        }

        if (Volatile.Read(ref word) != value)
            return;

        WasAnswered = _seenChange || _stores > 1; // before the second store, the first was answered
        _ = While(ref word, value, ref Unsafe.NullRef<int>(), ref Unsafe.NullRef<int>(), ref Unsafe.NullRef<int>(), peer, loss);
        _seenChange = true;
    }

    /// <summary>Wait until the word has the value.</summary>
    /// <inheritdoc cref="While(ref int, int, IPeer, ReadOnlySpan{byte})"/>
    public void Until(ref int word, int value, IPeer peer, ReadOnlySpan<byte> loss)
    {
        for (int seen; (seen = Volatile.Read(ref word)) != value;)
            While(ref word, seen, peer, loss);
    }

    /// <summary>
    /// Store the word, all earlier stores before it, and wake who sleeps on it. One that spins leaves the wake to
    /// <see cref="Wake(ref int)"/>, before it waits or pauses, and at its end.
    /// </summary>
    public void Store(ref int word, int value)
    {
        Volatile.Write(ref word, value);
        _stores++;
        if (!Spins)
            Wake(ref word);
    }

    /// <summary>Wake who sleeps on the word, if this side has stored it since it last did so. futex(2)</summary>
    public void Wake(ref int word)
    {
        if (_woken == _stores)
            return;
        _woken = _stores;
        _ = Calls.futex(ref word, FUTEX_WAKE, int.MaxValue);
    }

    /// <summary>Pause between two messages, as --delay asks; look after the other side meanwhile.</summary>
    /// <param name="milliseconds">How long.</param>
    /// <param name="word">The word in shared memory: who sleeps on it is woken first.</param>
    /// <param name="peer">Whom to look after.</param>
    /// <param name="awaited">What is needed of it.</param>
    /// <exception cref="ErrExit">The peer or the memory is gone.</exception>
    public void Pause(int milliseconds, ref int word, IPeer peer, in Awaited awaited)
    {
        if (milliseconds > 0)
            Wake(ref word);
        for (int left = milliseconds; left > 0; left -= SliceMilliseconds)
        {
            peer.Sleep(Math.Min(left, SliceMilliseconds));
            peer.Check(awaited);
        }
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
            && !WaitOnce(ref word, value, ref sleeps, ref own, ref ownSleeps, peer, loss, out seen))
        {
        }

        return seen;
    }

    /// <summary>One turn of that loop: for a caller who waits for more than the word.</summary>
    /// <returns>Whether the word was seen to change, into `seen`.</returns>
    internal bool WaitOnce(
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
                SleepInKernel(ref word, value, ref sleeps, peer, loss);
                peer.Check(Awaited(ref word, value, loss));
                return false;

            default:
                if (Look(ref word, value, Looks, out seen) < Looks)
                    return true;
                if (Unsafe.IsNullRef(ref own))
                    Wake(ref word); // a slot has one word for both
                else
                    Wake(ref own, ref ownSleeps);
                Thread.Yield();
                peer.Check(Awaited(ref word, value, loss));
                return false;
        }
    }

    /// <summary>Whether it looks all the time.</summary>
    internal bool Spins => strategy == WaitStrategy.Spin;

    /// <summary>Whether the word has changed while this side looked on, before the wait that begins.</summary>
    internal bool WasAnswered { get; set; }

    /// <summary>What this side waits for.</summary>
    internal Awaited Awaited(ref int word, int value, ReadOnlySpan<byte> loss, bool isWait = true) =>
        new(ref word, value, loss) { IsWait = isWait, WasAnswered = WasAnswered };

    /// <summary>Wake who sleeps on the word, where a store of it may not have done so.</summary>
    internal static void Wake(ref int word, ref int sleeps)
    {
        Interlocked.MemoryBarrier(); // the word is out before the look at `sleeps`; SleepInKernel does it the other way round
        if (Volatile.Read(ref sleeps) != 0)
            _ = Calls.futex(ref word, FUTEX_WAKE, int.MaxValue, what: "buffer");
    }

    /// <summary>
    /// Store the word, and wake who sleeps on it. One that spins leaves the wake to <see cref="Wake(ref int, ref int)"/>, before it waits
    /// itself and at its end: a fence for each item would cost it more than the item.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Store(ref int word, int value, ref int sleeps)
    {
        Volatile.Write(ref word, value);
        if (strategy != WaitStrategy.Spin)
            Wake(ref word, ref sleeps);
    }

    private static void SleepInKernel(ref int word, int value, ref int sleeps, IPeer peer, ReadOnlySpan<byte> loss)
    {
        bool saysSo = !Unsafe.IsNullRef(ref sleeps);
        if (saysSo)
        {
            Volatile.Write(ref sleeps, 1);
            Interlocked.MemoryBarrier();
        }

        // The kernel looks at the word once more. Who wakes us has the memory; but in a long sleep it may have been cut.
        bool isWoken = Calls.futex(ref word, FUTEX_WAIT, value, SliceMilliseconds, saysSo ? "buffer" : null) == 0
            || Marshal.GetLastPInvokeError() == (int)Errno.EAGAIN;
        if (!isWoken)
            peer.CheckMemory(loss);
        if (saysSo)
            Volatile.Write(ref sleeps, 0);
    }

    private void SleepInterval(ref int word, int value, IPeer peer, ReadOnlySpan<byte> loss)
    {
        for (int left = interval; left > 0; left -= SliceMilliseconds)
        {
            peer.Sleep(Math.Min(left, SliceMilliseconds));
            peer.Check(Awaited(ref word, value, loss));
        }

        peer.CheckMemory(loss);
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
