namespace Algorithms;

/// <summary>How a check ended, and what a student needs to see why.</summary>
internal sealed record Verdict
{
    public bool Passed { get; init; }

    /// <summary>What was looked at: "the reader's output".</summary>
    public string What { get; set; } = "";

    public IReadOnlyList<string> Expected { get; set; } = [];

    public IReadOnlyList<string> Came { get; set; } = [];

    public string Difference { get; set; } = "";

    /// <summary>What else is good to know: a signal, an output limit, a known fault that costs nothing.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];

    public static Verdict Pass(IEnumerable<string> notes) => new() { Passed = true, Notes = [.. notes] };

    /// <summary>A failure that no scene has shown.</summary>
    public static Verdict Fail(string difference, params IEnumerable<string> notes) => new() { Difference = difference, Notes = [.. notes] };
}

/// <summary>The first expectation that is not met ends a scene.</summary>
/// <param name="what">What was looked at.</param>
/// <param name="expected">The lines that should have come.</param>
/// <param name="came">The lines that came.</param>
/// <param name="difference">Where they part, in words.</param>
/// <param name="at">The line at which they part.</param>
internal sealed class Unmet(string what, IReadOnlyList<string> expected, IReadOnlyList<string> came, string difference, int at = 0) : Exception(difference)
{
    public string What { get; } = what;

    /// <summary>The lines that should have come, around the first difference.</summary>
    public string[] Expected { get; } = Around(at, expected);

    /// <summary>The lines that came, around the first difference.</summary>
    public string[] Came { get; } = Around(at, came);

    /// <summary>Two lists of lines must be the same; the exception shows where they part.</summary>
    public static void IfDifferent(string what, IReadOnlyList<string> expected, IReadOnlyList<string> came)
    {
        int at = Enumerable.Range(0, Math.Max(expected.Count, came.Count)).FirstOrDefault(i => i >= expected.Count || i >= came.Count || expected[i] != came[i], -1);
        if (at < 0)
            return;

        string first = at >= came.Count ? $"line {at + 1} is missing: {Quote(expected[at])}"
            : at >= expected.Count ? $"line {at + 1} is too much: {Quote(came[at])}"
            : came[at].StartsWith(expected[at], StringComparison.Ordinal) ? $"line {at + 1}: expected {Quote(expected[at])} and nothing behind it, came behind it {Quote(came[at][expected[at].Length..])}"
            : $"line {at + 1}: expected {Quote(expected[at])}, came {Quote(came[at])}{Column(expected[at], came[at])}";
        throw new Unmet(what, expected, came, first, at);
    }

    public static void Unless(bool holds, string what, string expected, string came, string? difference = null)
    {
        if (!holds)
            throw new Unmet(what, [expected], [came], difference ?? $"expected {expected}; came {came}");
    }

    /// <summary>A text in quotes, shortened where it is long.</summary>
    public static string Quote(string text) =>
        text.Contains('\n') ? Quote(text.Replace("\n", "\\n"))
        : text.Length <= 60 ? $"'{text}'" : $"'{text[..40]}...{text[^12..]}' ({text.Length} characters)";

    // Enough to see it by: a report is read by people.
    private static string[] Around(int at, IReadOnlyList<string> lines)
    {
        const int Before = 2, After = 2, MostCharacters = 120;

        int first = Math.Max(0, at - Before), end = Math.Min(lines.Count, at + After + 1);
        string[] shown = [.. lines.Skip(first).Take(end - first).Select(line => line.Replace("\n", "\\n")).Select(line => line.Length > MostCharacters ? $"{line[..MostCharacters]}... ({line.Length} characters)" : line)];
        return
        [
            .. (string[])(first > 0 && shown.Length > 0 ? [$"... {Count(first)} before"] : []),
            .. shown,
            .. (string[])(lines.Count > end ? [$"... {Count(lines.Count - end)} more"] : []),
        ];
    }

    private static string Count(int lines) => lines == 1 ? "1 line" : $"{lines} lines";

    private static string Column(string expected, string came)
    {
        int common = expected.AsSpan().CommonPrefixLength(came);
        return common > 30 ? $"; they part at character {common + 1}" : "";
    }
}
