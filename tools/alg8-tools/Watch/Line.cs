using System.Text;
using Spectre.Console;

namespace Algorithms;

/// <summary>One line of the picture: pieces of text, each with its style.</summary>
internal sealed class Line
{
    private readonly List<(string Text, Style Style)> _pieces = [];

    /// <summary>How many cells it takes.</summary>
    public int Cells { get; private set; }

    /// <summary>Without its styles.</summary>
    public string Text => string.Concat(_pieces.Select(piece => piece.Text));

    /// <summary>Add a piece of text.</summary>
    public Line Add(string text, Style? style = null)
    {
        _pieces.Add((text, style ?? Style.Plain));
        Cells += VisibleText.Cells(text);
        return this;
    }

    /// <summary>Add blanks up to a column.</summary>
    public Line To(int cells) => cells > Cells ? Add(new string(' ', cells - Cells)) : this;

    /// <summary>Write it, as far as it fits.</summary>
    public void WriteTo(AnsiWriter writer, int width)
    {
        foreach ((string text, Style style) in _pieces)
        {
            string fitting = VisibleText.Clip(text, width);
            if (style == Style.Plain)
                writer.Write(fitting);
            else
                writer.Write(fitting, style);
            width -= VisibleText.Cells(fitting);
        }
    }

    /// <summary>Lines without styles, as far as they fit, each with its newline.</summary>
    public static string Plain(IEnumerable<Line> lines, int width)
    {
        StringBuilder text = new();
        foreach (Line line in lines)
            text.Append(VisibleText.Clip(line.Text.TrimEnd(), width)).Append('\n');
        return text.ToString();
    }
}
