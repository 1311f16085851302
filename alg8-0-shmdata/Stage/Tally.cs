using System.Buffers.Binary;
using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Algorithms;

/// <summary>What a consumer finds out about numbered items: whether each of 1 to N came, once and in order.</summary>
/// <param name="items">How many were to come.</param>
/// <param name="race">Whether two producers race: then any order is expected, and each number is looked at by itself.</param>
public sealed class ItemTally(long items, bool race)
{
    private readonly BitArray? _seen = !race ? null
        : items <= int.MaxValue ? new BitArray((int)items)
        : throw ErrExit.Because($"{Stage.Name}: --items {items}: a race can look at {int.MaxValue} at most");
    private long _count, _outOfOrder, _twice, _next = 1, _sum, _start;

    /// <summary>Whether each item came once and in order.</summary>
    public bool IsComplete => Lost == 0 && _outOfOrder == 0 && _count == items;

    /// <summary>One line: items, seconds from the first item on, items/s, checksum (the sum of the numbers), lost, out of order.</summary>
    public string Summary
    {
        get
        {
            double seconds = _start == 0 ? 0 : Stopwatch.GetElapsedTime(_start).TotalSeconds;
            return $"items {_count}, seconds {seconds:f6}, items/s {(seconds > 0 ? _count / seconds : 0):f0}, checksum {_sum}, "
                + $"lost {Lost}, out of order {_outOfOrder}{(race ? $", twice {_twice}" : "")}\n";
        }
    }

    private long Lost => race ? items - (_count - _twice) : Math.Max(0, items - _count);

    /// <summary>An item came.</summary>
    /// <param name="next_consumed">Its text: a number of 64 bits, little-endian.</param>
    /// <returns>The number.</returns>
    /// <exception cref="ErrExit">It has another length.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Count(ReadOnlySpan<byte> next_consumed)
    {
        if (!BinaryPrimitives.TryReadInt64LittleEndian(next_consumed, out long number))
            throw ErrExit.Because($"{Stage.Name}: an item of {next_consumed.Length} bytes is no number: somebody else has written there");

        if (_count++ == 0)
            _start = Stopwatch.GetTimestamp();
        _sum += number;
        if (number != _next)
            CountOutOfOrder(number);
        if (_seen is not null)
            CountSeen(number);
        _next = number + 1;
        return number;
    }

    // The numbers of two producers interleave: then only one that comes after a later one is out of order.
    private void CountOutOfOrder(long number)
    {
        if (!race || number < _next)
            _outOfOrder++;
    }

    private void CountSeen(long number)
    {
        if (number < 1 || number > items)
            return;
        if (_seen![(int)number - 1])
            _twice++;
        _seen[(int)number - 1] = true;
    }
}

/// <summary>What a consumer finds out about a stream.</summary>
public sealed class StreamTally
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
