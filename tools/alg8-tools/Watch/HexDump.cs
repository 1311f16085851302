using Spectre.Console;

namespace Algorithms;

/// <summary>The first bytes in hexadecimal and in ASCII; those that have changed lately stand out.</summary>
internal sealed class HexDump
{
    private const int ShownMilliseconds = 1000; // long enough for an eye

    private byte[] _before = [];
    private long[] _changed = [];

    /// <summary>Take note of what has changed since the last look.</summary>
    public void Look(byte[] bytes)
    {
        if (_before.Length != bytes.Length)
            (_before, _changed) = (bytes, new long[bytes.Length]);
        for (int i = 0; i < bytes.Length; i++)
        {
            if (_before[i] != bytes[i])
                _changed[i] = Environment.TickCount64 + ShownMilliseconds;
        }

        _before = bytes;
    }

    /// <summary>As many lines as there is room for.</summary>
    /// <param name="width">Room in cells.</param>
    /// <param name="most">Room in lines.</param>
    public IEnumerable<Line> Lines(int width, int most)
    {
        int count = width >= CellsFor(16) ? 16 : width >= CellsFor(8) ? 8 : 4;
        for (int row = 0; row < Math.Min(most, (_before.Length + count - 1) / count); row++)
            yield return Row(row * count, count);
    }

    private static int CellsFor(int count) => 4 + (3 * count) + 2 + count;

    private Line Row(int start, int count)
    {
        Line line = new Line().Add($"{start:x4}");
        int end = Math.Min(start + count, _before.Length);
        for (int i = start; i < end; i++)
        {
            // A star too: it is seen where there are no styles.
            line.Add(IsNew(i) ? "*" : " ").Add($"{_before[i]:x2}", IsNew(i) ? Styles.Reversed : Style.Plain);
        }

        line.To(4 + (3 * count) + 2);
        for (int i = start; i < end; i++)
            line.Add(_before[i] is >= 0x20 and < 0x7f ? $"{(char)_before[i]}" : ".", IsNew(i) ? Styles.Reversed : Style.Plain);
        return line;
    }

    private bool IsNew(int index) => Environment.TickCount64 < _changed[index];
}
