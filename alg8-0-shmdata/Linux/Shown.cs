namespace Algorithms.Linux;

/// <summary>
/// Text of others as text for a screen, a page or a spreadsheet: without what a terminal obeys, and without what turns the
/// order of letters around. A middle dot stands for each such character.
/// </summary>
public static class Shown
{
    /// <summary>Text of several lines; tabs and line feeds stay.</summary>
    public static string Text(string text) => string.Concat(text.Select(c => c is '\n' or '\t' ? c : Visible(c)));

    /// <summary>Text for one line, a name or a cell.</summary>
    public static string Line(string text) => string.Concat(text.Select(Visible));

    // C0, DEL and C1; line and paragraph separators; marks, embeddings, overrides and isolates of direction.
    private static char Visible(char c) =>
        char.IsControl(c) || c is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') ? '\u00b7' : c;
}
