namespace Algorithms;

/// <summary>What was measured again and again: ours and, where there is one, the C twin's, in the same run and in turn.</summary>
/// <param name="Section">The part of the report.</param>
/// <param name="Subject">What was measured: <c>pipe</c>.</param>
/// <param name="Size">The bytes of a message; 0 where that means nothing.</param>
/// <param name="Figure">Which of its figures: <c>p50</c>.</param>
/// <param name="Unit">Its unit: <c>ns</c>.</param>
internal sealed record Measurement(string Section, string Subject, int Size, string Figure, string Unit)
{
    private const double WidestSpread = 0.5;

    /// <summary>Ours, a value a repeat.</summary>
    public List<double> Ours { get; } = [];

    /// <summary>The C twin's; empty where there is none.</summary>
    public List<double> C { get; } = [];

    /// <summary>What the ratio should reach; empty where nothing was promised.</summary>
    public string Target { get; init; } = "";

    /// <summary>Ours divided by C's; null where there is no twin.</summary>
    public double? Ratio => C.Count == 0 ? null : Median(Ours) / Median(C);

    /// <summary>The distance of the two quartiles, as a share of the median: half of the repeats lie in it.</summary>
    public double Spread => Math.Max(SpreadOf(Ours), SpreadOf(C));

    /// <summary>Whether the repeats differ so much that the median says little.</summary>
    public bool IsDoubtful => Spread > WidestSpread;

    /// <summary>The middle value.</summary>
    public static double Median(IReadOnlyCollection<double> values) => Quantile(values, 0.5);

    private static double SpreadOf(List<double> values) =>
        values.Count < 2 || Median(values) == 0 ? 0 : (Quantile(values, 0.75) - Quantile(values, 0.25)) / Median(values);

    private static double Quantile(IReadOnlyCollection<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        double above = sorted[Math.Min(below + 1, sorted.Length - 1)];
        return sorted[below] + ((position - below) * (above - sorted[below]));
    }
}
