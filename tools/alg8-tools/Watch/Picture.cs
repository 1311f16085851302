namespace Algorithms;

/// <summary>A look drawn as lines, for any width and height: what matters most keeps its place where there is little.</summary>
internal sealed class Picture
{
    private const int Tall = 17; // from here on there is room for headings
    private const int MostText = 6;
    private const int MostHex = 9; // at 16 bytes each: as far as buffer_size

    private readonly HexDump _hex = new();

    /// <summary>Draw a look.</summary>
    /// <param name="look">What was found.</param>
    /// <param name="width">Room in cells.</param>
    /// <param name="height">Room in lines.</param>
    public List<Line> Draw(Look look, int width, int height)
    {
        _hex.Look(look.FirstBytes);
        List<Line> content = [.. ContentOf(look.Content, width, height >= Tall ? MostText : 2)];
        int headings = height >= Tall ? 2 : 0;
        List<Line> facts = [.. Flow(look.Watched.Facts, width)];
        int room = height - content.Count - headings;
        facts = facts[..Math.Clamp(room - 2, Math.Min(1, facts.Count), facts.Count)];
        List<Line> hex = [.. _hex.Lines(width, Math.Clamp(room - facts.Count, 0, MostHex))];

        return
        [
            .. facts,
            .. Heading(content.Count == 0 ? null : NameOf(look.Content), width, headings),
            .. content,
            .. Heading("first bytes", width, headings),
            .. hex,
        ];
    }

    private static string NameOf(Content? content) => content switch
    {
        Ring ring => $"bounded buffer of {ring.BufferSize}, text_size {ring.TextSize}",
        Slot => "shared_struct",
        _ => "message",
    };

    private static IEnumerable<Line> Heading(string? name, int width, int headings)
    {
        if (headings > 0 && name is not null)
            yield return new Line().Add("── ", Styles.Faint).Add(name, Styles.Strong).Add(" " + new string('─', Math.Max(0, width - name.Length - 4)), Styles.Faint);
    }

    // Label and value, one pair behind the other, and a new line where the next one does not fit.
    private static IEnumerable<Line> Flow(IEnumerable<(string Label, string Value)> facts, int width)
    {
        const int Between = 3;

        Line line = new();
        foreach ((string label, string value) in facts)
        {
            int cells = VisibleText.Cells(label) + 1 + VisibleText.Cells(value);
            if (line.Cells > 0 && line.Cells + Between + cells > width)
            {
                yield return line;
                line = new Line();
            }

            if (line.Cells > 0)
                line.To(line.Cells + Between);
            string[] pieces = [.. VisibleText.Wrap(value, Math.Max(1, width - VisibleText.Cells(label) - 1), 2)];
            line.Add(label, Styles.Faint).Add(" ").Add(pieces[0]);
            foreach (string piece in pieces[1..])
            {
                yield return line;
                line = new Line().To(VisibleText.Cells(label) + 1).Add(piece);
            }
        }

        yield return line;
    }

    private static IEnumerable<Line> ContentOf(Content? content, int width, int mostText) => content switch
    {
        Slot slot => OfSlot(slot, width, mostText),
        Message message => Text("message", message.Text, width, mostText),
        Ring ring => OfRing(ring, width),
        _ => [],
    };

    private static IEnumerable<Line> OfSlot(Slot slot, int width, int mostText) =>
    [
        new Line().Add("written", Styles.Faint).Add(" ").Add($"{slot.Written}", Styles.Strong)
            .Add(slot.Written == 0 ? "  writable: the writer's turn" : "  readable: the reader's turn"),
        .. Text("mtext  ", slot.Text, width, mostText),
    ];

    private static IEnumerable<Line> Text(string label, byte[] bytes, int width, int most)
    {
        string size = bytes.Length == 1 ? "1 byte" : $"{bytes.Length} bytes";
        string text = $"\"{VisibleText.Of(bytes)}\"";
        int cells = Math.Max(1, width - label.Length - 1);
        List<string> pieces = [.. VisibleText.Wrap(text, cells, most)];
        for (int i = 0; i < pieces.Count; i++)
        {
            Line line = new Line().Add(i == 0 ? label : "", Styles.Faint).To(label.Length + 1).Add(pieces[i], Styles.Strong);
            bool isLast = i == pieces.Count - 1;
            yield return isLast && line.Cells + 2 + size.Length <= width ? line.Add($"  {size}", Styles.Faint) : line;
        }
    }

    private static IEnumerable<Line> OfRing(Ring ring, int width)
    {
        Line state = new Line().Add($"{ring.Count} of {ring.BufferSize - 1} full", Styles.Strong)
            .Add(ring.Count == 0 ? ": the consumer waits" : ring.Count == ring.BufferSize - 1 ? ": the producer waits" : "");
        if (!ring.IsSound)
        {
            yield return new Line().Add($"in {ring.In}, out {ring.Out}: not positions in a buffer of {ring.BufferSize}");
            yield break;
        }

        yield return state.Add($"   in {ring.In}   out {ring.Out}", Styles.Faint);
        foreach (Line line in new RingDrawing(ring, width).Lines())
            yield return line;
        Line next = new Line().Add("next   ", Styles.Faint);
        if (ring.Count > 0)
            yield return next.Add(ring.ItemAt(ring.Out).Full ?? "");
        else if (ring.Last is { } last)
            yield return next.Add("nothing; the last was ").Add(last.Full ?? "", Styles.Faint);
        else
            yield return next.Add("nothing yet");
    }
}
