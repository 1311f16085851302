using System.Buffers.Binary;
using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Algorithms;

/// <summary>What a consumer finds out about numbered items: whether each of 1 to N came, once and in order.</summary>
/// <param name="items">How many were to come.</param>
/// <param name="race">Whether two producers race: then any order is expected, and each number is looked at by itself.</param>
internal sealed class ItemTally(long items, bool race)
{
    private const long None = -1; // no number of an item

    private readonly BitArray? _seen = !race ? null
        : items <= int.MaxValue ? new BitArray((int)items)
        : throw ErrExit.Because($"{ErrExit.Program}: --items {items}: a race can look at {int.MaxValue} at most");
    private long _count, _outOfOrder, _twice, _sum, _start, _last;
    private double _seconds;

    /// <summary>The number that is expected first; in a race none is, so that each is counted as odd.</summary>
    public long Expected => race ? None : 1;

    /// <summary>Whether each item came once and in order.</summary>
    public bool IsComplete => Lost == 0 && _outOfOrder == 0 && _count == items;

    /// <summary>One line: items, seconds from the first item on, items/s, checksum (the sum of the numbers, mod 2^64), lost, out of order.</summary>
    public string Summary =>
        $"items {_count}, seconds {_seconds:f6}, items/s {(_seconds > 0 ? _count / _seconds : 0):f0}, checksum {(ulong)_sum}, "
        + $"lost {Lost}, out of order {_outOfOrder}{(race ? $", twice {_twice}" : "")}\n";

    private long Lost => race ? items - (_count - _twice) : Math.Max(0, items - _count);

    /// <summary>The number that is an item's text: 64 bits, little-endian.</summary>
    /// <exception cref="ErrExit">It has another length.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long NumberIn(ReadOnlySpan<byte> next_consumed) =>
        next_consumed.Length == sizeof(long)
            ? BinaryPrimitives.ReadInt64LittleEndian(next_consumed)
            : throw NoNumber(next_consumed.Length);

    /// <summary>The first item came: from now on, time counts.</summary>
    public void Start() => _start = Stopwatch.GetTimestamp();

    /// <summary>A number came that is not the expected one.</summary>
    /// <returns>The number that is expected now.</returns>
    public long CountOdd(long number)
    {
        // The numbers of two producers interleave: then only one that comes after a later one is out of order.
        if (!race || number <= _last)
            _outOfOrder++;
        _last = number;
        if (_seen is not null && number >= 1 && number <= items)
        {
            if (_seen[(int)number - 1])
                _twice++;
            _seen[(int)number - 1] = true;
        }

        return race ? None : number + 1;
    }

    /// <summary>The end came.</summary>
    /// <param name="count">How many items came.</param>
    /// <param name="checksum">The sum of their numbers, mod 2^64.</param>
    public void Stop(long count, long checksum)
    {
        _seconds = count == 0 ? 0 : Stopwatch.GetElapsedTime(_start).TotalSeconds;
        (_count, _sum) = (count, checksum);
    }

    private static ErrExit NoNumber(int bytes) =>
        ErrExit.Because($"{ErrExit.Program}: an item of {bytes} bytes is no number: somebody else has written there");
}

/// <summary>What a consumer finds out about a stream.</summary>
internal sealed class StreamTally
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _bytes, _items;

    /// <summary>One line: bytes, items, seconds, MB/s.</summary>
    public string Summary
    {
        get
        {
            double seconds = _watch.Elapsed.TotalSeconds;
            return $"stream: bytes {_bytes}, items {_items}, seconds {seconds:f6}, MB/s {_bytes / seconds / 1e6:f0}";
        }
    }

    /// <summary>An item of so many bytes came.</summary>
    public void Count(int bytes)
    {
        _bytes += bytes;
        _items++;
    }
}
