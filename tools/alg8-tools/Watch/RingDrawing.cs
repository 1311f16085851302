using System.Text;
using Algorithms.Linux;
using Spectre.Console;

namespace Algorithms;

/// <summary>
/// The bounded buffer as a row of boxes, `in` above and `out` below it. Where there are more places than room, those around
/// `in` and `out`; what is left out between them is all full or all free, and stands as one box.
/// </summary>
internal sealed class RingDrawing
{
    private const int Gap = -1;
    private const int LeastCells = 3, UsualCells = 6, MostCells = 12; // of a box
    private const int Narrow = 60;
    private const string Full = "■", LeftOut = "⋯";

    private readonly Ring _ring;
    private readonly List<(int Place, bool IsFull)> _boxes;
    private readonly int _cells;

    /// <summary>Lay it out.</summary>
    /// <param name="ring">The buffer.</param>
    /// <param name="width">Room in cells.</param>
    public RingDrawing(Ring ring, int width)
    {
        _ring = ring;
        int least = $"{ring.BufferSize - 1}".Length;
        int most = Math.Max(1, (width - 1) / (Math.Max(least, width < Narrow ? LeastCells : UsualCells) + 1));
        _boxes = ring.BufferSize <= (width - 1) / (least + 1) ? WithGaps([.. Enumerable.Range(0, ring.BufferSize)]) : Around(most);
        _cells = Math.Clamp(((width - 1) / _boxes.Count) - 1, least, MostCells);
    }

    /// <summary>The five lines.</summary>
    public IEnumerable<Line> Lines()
    {
        yield return Mark("in", "▼", _ring.In, Styles.In);
        yield return Border('┌', '┬', '┐', numbers: false);
        Line boxes = new();
        foreach ((int place, bool isFull) in _boxes)
            boxes.Add("│").Add(Inside(place, isFull), isFull ? Styles.Reversed : Style.Plain);
        yield return boxes.Add("│");
        yield return Border('└', '┴', '┘', numbers: true);
        yield return Mark("out", "▲", _ring.Out, Styles.Out);
    }

    private string Inside(int place, bool isFull)
    {
        string text = place == Gap ? LeftOut : !isFull ? "" : _cells < LeastCells ? Full : $"{Full}{_ring.ItemAt(place).Short}";
        text = VisibleText.Clip(text, _cells);
        return text + new string(' ', _cells - VisibleText.Cells(text));
    }

    private Line Border(char left, char middle, char right, bool numbers)
    {
        StringBuilder line = new();
        foreach ((int place, _) in _boxes)
        {
            string number = numbers && place != Gap ? $"{place}" : "";
            int before = (_cells - number.Length) / 2;
            line.Append(line.Length == 0 ? left : middle).Append('─', before).Append(number).Append('─', _cells - number.Length - before);
        }

        return new Line().Add(line.Append(right).ToString());
    }

    // The arrow at the middle of the place's box, its name before it; behind it where there is no room before.
    private Line Mark(string name, string arrow, int place, Style style)
    {
        int box = _boxes.FindIndex(box => box.Place == place);
        if (box < 0)
            return new Line().Add($"{name} = {place}", style);

        int column = 1 + (box * (_cells + 1)) + ((_cells - 1) / 2);
        return column > name.Length
            ? new Line().To(column - name.Length - 1).Add($"{name} {arrow}", style)
            : new Line().To(column).Add($"{arrow} {name}", style);
    }

    // Both ends of what is full, and then their neighbours, as long as there is room.
    private List<(int Place, bool IsFull)> Around(int most)
    {
        SortedSet<int> places = [];
        List<(int Place, bool IsFull)> boxes = [];
        for (int distance = 0; distance < _ring.BufferSize; distance++)
        {
            foreach (int place in (int[])[
                _ring.After(_ring.Out, distance), _ring.After(_ring.In, -distance),
                _ring.After(_ring.In, distance), _ring.After(_ring.Out, -distance)])
            {
                places.Add(place);
                List<(int Place, bool IsFull)> now = WithGaps(places);
                if (now.Count > most && boxes.Count > 0)
                    return boxes;
                boxes = now;
            }
        }

        return boxes;
    }

    private List<(int Place, bool IsFull)> WithGaps(IReadOnlyCollection<int> places)
    {
        List<(int Place, bool IsFull)> boxes = [];
        int next = 0;
        foreach (int place in places)
        {
            if (place > next)
                boxes.Add((Gap, _ring.IsFull(next)));
            boxes.Add((place, _ring.IsFull(place)));
            next = place + 1;
        }

        if (next < _ring.BufferSize)
            boxes.Add((Gap, _ring.IsFull(next)));
        return boxes;
    }
}
