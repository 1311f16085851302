using System.Globalization;
using System.Text.RegularExpressions;
using Algorithms.Linux;

namespace Algorithms;

/// <summary>One thing to measure: how to do it once with ours, and once with the C twin, and what figures come of it.</summary>
/// <param name="Ours">Measures ours.</param>
/// <param name="C">Measures the C twin; null where there is none.</param>
/// <param name="Measurements">Where the figures go, by their names.</param>
internal sealed partial record Pair(
    Func<IReadOnlyDictionary<string, double>> Ours,
    Func<IReadOnlyDictionary<string, double>>? C,
    IReadOnlyList<Measurement> Measurements)
{
    /// <summary>How many runs one repeat takes.</summary>
    public int Runs => C is null ? 1 : 2;

    /// <summary>Whether a run of each comes first that does not count: not where the runs warm up themselves.</summary>
    public bool NeedsWarmUp { get; init; } = true;

    /// <summary>A pair with one figure.</summary>
    public static Pair Of(string section, string subject, string unit, string target, Func<double> ours, Func<double> c) =>
        new(() => One(ours()), () => One(c()), [new Measurement(section, subject, 0, "value", unit) { Target = target }]);

    /// <summary>The figures in a line such as <c>messages 100, p50 571, cpu 0.004678</c>, the last of its kind in an output.</summary>
    /// <exception cref="ErrExit">There is no such line.</exception>
    public static IReadOnlyDictionary<string, double> Figures(string output) =>
        output.Split('\n').LastOrDefault(FigureLine().IsMatch) is { } line
            ? Figure().Matches(line).ToDictionary(
                match => match.Groups[1].Value, match => double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
            : throw ErrExit.Because($"bench: no figures in what was printed: {output}");

    /// <summary>Measure once and keep the figures; the twin first in every second repeat.</summary>
    public void Repeat(int number, Action<string> done)
    {
        for (int side = 0; side < Runs; side++)
        {
            bool isOurs = Runs == 1 || side == number % 2;
            Signals.ThrowIfStopped();
            IReadOnlyDictionary<string, double> figures = isOurs ? Ours() : C!();
            if (number >= 0)
                Keep(figures, isOurs);
            done(Measurements[0].Subject);
        }
    }

    /// <summary>Keep the figures of one run.</summary>
    public void Keep(IReadOnlyDictionary<string, double> figures, bool isOurs)
    {
        foreach (Measurement measurement in Measurements)
        {
            if (figures.TryGetValue(measurement.Figure, out double value))
                (isOurs ? measurement.Ours : measurement.C).Add(value);
        }
    }

    private static Dictionary<string, double> One(double value) => new() { ["value"] = value };

    [GeneratedRegex("^(items|messages|rounds) [0-9]")]
    private static partial Regex FigureLine();

    [GeneratedRegex(@"([a-z][a-z0-9/]*) ([0-9][0-9.]*)")]
    private static partial Regex Figure();
}
