namespace Algorithms;

/// <summary>Tables of comma-separated values, which people open in a spreadsheet. RFC 4180</summary>
internal static class CsvTable
{
    /// <summary>One line of a table, without its line feed.</summary>
    public static string Line(IEnumerable<string> cells) => string.Join(',', cells.Select(Cell));

    // A spreadsheet takes what begins with one of these for a formula, quoted or not; an apostrophe makes it text. OWASP
    private static string Cell(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠', ..])
            text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
