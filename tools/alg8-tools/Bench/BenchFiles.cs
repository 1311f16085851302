using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using static System.FormattableString;

namespace Algorithms;

/// <summary>What the bench writes to files.</summary>
internal static class BenchFiles
{
    /// <summary>Every figure: median, least and greatest of ours and of the C twin's. RFC 4180</summary>
    public static void WriteCsv(TextWriter writer, IEnumerable<Measurement> measured)
    {
        writer.WriteLine("section,what,bytes,figure,unit,ours median,ours min,ours max,C median,C min,C max,ours/C,spread");
        foreach (Measurement m in measured)
        {
            writer.WriteLine(CsvTable.Line(
                [m.Section, m.Subject, m.Size == 0 ? "" : Invariant($"{m.Size}"), m.Figure, m.Unit, .. Summary(m.Ours), .. Summary(m.C), m.Ratio is { } ratio ? Exact(ratio) : "", Exact(m.Spread)]));
        }
    }

    /// <summary>A chart of the median latencies, for a slide of 16 : 9. SVG 1.1</summary>
    public static void WriteSvg(TextWriter writer, IReadOnlyList<Measurement> measured)
    {
        const double Least = 10; // nanoseconds: the left end of an axis of logarithms

        Measurement[] latencies = [.. measured.Where(m => m.Section == Models.Latency && m.Figure == "p50")];
        string[] subjects = [.. latencies.Select(m => m.Subject).Distinct().Reverse()]; // the first one on top
        PlotModel model = new()
        {
            Title = "A message there, an acknowledgement back",
            DefaultFont = "Arial", // of which the exporter knows the widths
            TitleFontSize = 22,
            DefaultFontSize = 16,
            Background = OxyColors.White,
            PlotMargins = new OxyThickness(130, 20, 30, 60),
        };
        model.Axes.Add(new CategoryAxis { Position = AxisPosition.Left, ItemsSource = subjects, GapWidth = 0.4, Key = "mechanism" });
        model.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Title = "median",
            Minimum = Least,
            Maximum = 1e10,
            AxisTitleDistance = 14,
            LabelFormatter = BenchReport.Time,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = OxyColors.LightGray,
            Key = "time",
        });
        model.Legends.Add(new Legend { LegendTitle = "bytes", LegendTitleFontSize = 16, LegendPosition = LegendPosition.RightBottom, LegendBackground = OxyColors.White, LegendItemOrder = LegendItemOrder.Reverse, LegendFontSize = 16, LegendLineSpacing = 4, LegendPadding = 16 });
        OxyColor[] colours = [OxyColor.FromRgb(0x9e, 0xc5, 0xe8), OxyColor.FromRgb(0x3c, 0x78, 0xb4), OxyColor.FromRgb(0x1b, 0x3a, 0x5d)];
        foreach ((int size, OxyColor colour) in Models.Sizes.Zip(colours).Reverse())
        {
            BarSeries bars = new() { Title = Invariant($"{size}"), FillColor = colour, BaseValue = Least, XAxisKey = "time", YAxisKey = "mechanism" };
            foreach (Measurement m in latencies.Where(m => m.Size == size))
                bars.Items.Add(new BarItem(Measurement.Median(m.Ours), Array.IndexOf(subjects, m.Subject)));
            model.Series.Add(bars);
        }

        writer.Write(new SvgExporter { Width = 960, Height = 540, UseVerticalTextAlignmentWorkaround = true }.ExportToString(model));
    }

    private static string[] Summary(List<double> values) =>
        values.Count == 0 ? ["", "", ""] : [Exact(Measurement.Median(values)), Exact(values.Min()), Exact(values.Max())];

    private static string Exact(double value) => value.ToString("r", CultureInfo.InvariantCulture);
}
