using System.Globalization;
using Algorithms.Linux;
using Spectre.Console;
using static System.FormattableString;

namespace Algorithms;

/// <summary>What the bench shows in the end.</summary>
internal static class BenchReport
{
    private const int LeastWidth = 80;

    /// <summary>Show tables, bars, and what is not to be trusted.</summary>
    public static void Show(IAnsiConsole console, IReadOnlyList<Measurement> measured, string? gcc, int runs, bool quick, TimeSpan took)
    {
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = Math.Max(console.Profile.Width, LeastWidth);

        console.WriteLine(Invariant($"{Machine(gcc)}, medians of {runs} repeats{(quick ? ", quick" : "")}, {took.TotalSeconds:f0} s"));
        if (gcc is null)
            console.WriteLine("no gcc here: measured without the C twins (apt-get install gcc)");
        foreach (IGrouping<string, Measurement> section in measured.GroupBy(measurement => measurement.Section))
        {
            console.WriteLine();
            console.Write(section.Key switch
            {
                Models.Latency => Latency(section),
                Models.Throughput => Throughput(section),
                Models.Kernel => Kernel(section),
                _ => Twins(section),
            });
            if (section.Key == Models.Latency)
                Bars(console, [.. section]);
        }

        Doubts(console, measured);
        InWords(console, measured);
    }

    /// <summary>The machine, its kernel and the compilers' versions, on one line.</summary>
    public static string Machine(string? gcc)
    {
        string processor = ProcFs.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "processor unknown";
        string kernel = ProcFs.ReadLines("/proc/sys/kernel/osrelease") is [var release, ..] ? $"Linux {release}" : "Linux";
        string pinned = Environment.ProcessorCount > 1 ? "sender on processor 0, receiver on 1" : "one processor";
        string compiler = gcc is null ? "no gcc" : $"gcc {Measuring.Output(gcc, "-dumpfullversion").Trim()}";
        return $"{kernel}, {processor}, {Environment.ProcessorCount} processors ({pinned}), .NET {Environment.Version}, {compiler}";
    }

    private static Table Latency(IEnumerable<Measurement> section)
    {
        Table table = NewTable("Latency: a message there, an acknowledgement back", "mechanism", "bytes", "p50", "p99", "max", "spread", "C p50", "ours/C");
        foreach (IGrouping<(string Subject, int Size), Measurement> row in section.GroupBy(m => (m.Subject, m.Size)))
        {
            Measurement p50 = row.First(m => m.Figure == "p50");
            table.AddRow(
                row.Key.Subject, $"{row.Key.Size}", Time(p50.Ours), Time(row.First(m => m.Figure == "p99").Ours), Time(row.First(m => m.Figure == "max").Ours),
                Spread(p50), p50.C.Count == 0 ? "" : Time(p50.C), Ratio(p50));
        }

        return table;
    }

    private static Table Throughput(IEnumerable<Measurement> section)
    {
        Table table = NewTable("Throughput: one way, one message after the other", "mechanism", "bytes", "msg/s", "MB/s", "CPU s/M", "spread", "C msg/s", "ours/C");
        foreach (IGrouping<(string Subject, int Size), Measurement> row in section.GroupBy(m => (m.Subject, m.Size)))
        {
            Measurement rate = row.First(m => m.Figure == "messages/s"), cpu = row.First(m => m.Figure == "cpu/million");
            double median = Measurement.Median(rate.Ours);
            table.AddRow(
                row.Key.Subject, $"{row.Key.Size}", Rate(median), Number(median * row.Key.Size / 1e6), Number(Measurement.Median(cpu.Ours)),
                Spread(rate), rate.C.Count == 0 ? "" : Rate(Measurement.Median(rate.C)), Ratio(rate));
        }

        table.Caption("CPU s/M: processor time of both processes for a million messages");
        return table;
    }

    private static Table Kernel(IEnumerable<Measurement> section)
    {
        Table table = NewTable("The kernel's part", "mechanism", "calls/message", "set-up", "spread", "C set-up", "ours/C");
        foreach (IGrouping<string, Measurement> row in section.GroupBy(m => m.Subject))
        {
            Measurement? calls = row.FirstOrDefault(m => m.Figure == "calls/message"), setUp = row.FirstOrDefault(m => m.Figure == "setup");
            table.AddRow(
                row.Key, calls is null ? "-" : Invariant($"{Measurement.Median(calls.Ours):f2}"),
                setUp is null ? "" : Time(setUp.Ours), setUp is null ? "" : Spread(setUp), setUp is { C.Count: > 0 } ? Time(setUp.C) : "", setUp is null ? "" : Ratio(setUp));
        }

        table.Caption("Of both processes. System calls: one way, counted by strace in a run of its own");
        return table;
    }

    private static Table Twins(IGrouping<string, Measurement> section)
    {
        Table table = NewTable(section.Key, "what", "ours", "C", "unit", "ours/C", "target", "spread");
        foreach (Measurement m in section)
            table.AddRow(m.Subject, Number(Measurement.Median(m.Ours)), m.C.Count == 0 ? "" : Number(Measurement.Median(m.C)), m.Unit, Ratio(m), m.Target, Spread(m));
        return table;
    }

    // Logarithms: a sleep(1) is ten million times as long as the shortest.
    private static void Bars(IAnsiConsole console, IReadOnlyList<Measurement> section)
    {
        BarChart chart = new BarChart().Width(Math.Min(console.Profile.Width, LeastWidth))
            .Label($"p50 at {Models.UsualSize} bytes, each step of the bar's length ten times as long")
            .UseValueFormatter((value, _) => Time(Math.Pow(10, value)));
        foreach (Measurement m in section.Where(m => m.Size == Models.UsualSize && m.Figure == "p50"))
            chart.AddItem(m.Subject, Math.Log10(Math.Max(Measurement.Median(m.Ours), 10)), m.C.Count > 0 ? Color.Green : Color.Blue);
        console.WriteLine();
        console.Write(chart);
        if (console.Profile.Capabilities.ColorSystem != ColorSystem.NoColors)
            console.MarkupLine("[green]█[/] shared memory   [blue]█[/] message passing");
        else
            console.WriteLine("written and buffer are shared memory, the others message passing");
    }

    private static void Doubts(IAnsiConsole console, IReadOnlyList<Measurement> measured)
    {
        // One figure a row: the one whose spread the row shows.
        Measurement[] shown = [.. measured.Where(m => m.Figure is not ("p99" or "max" or "cpu/million" or "calls/message"))];
        int doubtful = shown.Count(m => m.IsDoubtful);
        if (doubtful > 0)
        {
            console.WriteLine();
            console.WriteLine($"! {doubtful} of {shown.Length} rows are spread too wide to trust: the machine did other work meanwhile");
        }
    }

    // What this run shows, with its own figures: of the slot, and of the pipe, which everybody knows.
    private static void InWords(IAnsiConsole console, IReadOnlyList<Measurement> measured)
    {
        const string Slot = "written-spin", Pipe = "pipe", More = "Why that is so: docs/performance.md, The two models.";

        string latency = Figure(Slot, "p50", Models.UsualSize) is { } slot && Figure(Pipe, "p50", Models.UsualSize) is { } pipe
            ? $"In this run, a message of {Models.UsualSize} bytes and its acknowledgement took {Time(slot)} through shared memory and {Time(pipe)} through a pipe, {Times(pipe / slot)}"
            : "";
        string calls = Figure(Slot, "calls/message", 0) is { } few && Figure(Pipe, "calls/message", 0) is { } many
            ? $"{(latency.Length > 0 ? "; " : "In this run, ")}a message takes {Calls(few)} through shared memory and {Calls(many)} through a pipe"
            : "";
        if (latency.Length + calls.Length == 0)
            return;
        console.WriteLine();
        console.WriteLine($"{latency}{calls}.");
        console.WriteLine(More);

        double? Figure(string subject, string figure, int size) =>
            measured.FirstOrDefault(m => m.Subject == subject && m.Figure == figure && m.Size == size) is { Ours.Count: > 0 } m ? Measurement.Median(m.Ours) : null;

        static string Times(double ratio) => ratio >= 1 ? Invariant($"{ratio:g2} times as long") : Invariant($"{ratio:f2} of the time");

        static string Calls(double calls) => calls < 0.05 ? "no system calls" : Invariant($"{calls:f1} system calls");
    }

    private static Table NewTable(string title, params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple).Title(title);
        table.Title!.Style = new Style(decoration: Decoration.Bold);
        for (int column = 0; column < columns.Length; column++)
            table.AddColumn(new TableColumn(columns[column]) { Alignment = column == 0 ? Justify.Left : Justify.Right, NoWrap = true, Padding = new Padding(1, 0, 0, 0) });
        return table;
    }

    private static string Ratio(Measurement m) => m.Ratio is { } ratio ? Invariant($"{ratio:f2}") : "";

    private static string Spread(Measurement m) => Invariant($"{100 * m.Spread:f0} %{(m.IsDoubtful ? " !" : "")}");

    private static string Time(IReadOnlyCollection<double> nanoseconds) => Time(Measurement.Median(nanoseconds));

    /// <summary>A time in the unit that fits it.</summary>
    public static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e3 => Invariant($"{nanoseconds:f0} ns"),
        < 1e6 => Invariant($"{nanoseconds / 1e3:g3} µs"),
        < 1e9 => Invariant($"{nanoseconds / 1e6:g3} ms"),
        _ => Invariant($"{nanoseconds / 1e9:g3} s"),
    };

    private static string Rate(double perSecond) => perSecond switch
    {
        >= 1e6 => Invariant($"{perSecond / 1e6:f2} M"),
        >= 1e3 => Invariant($"{perSecond / 1e3:f0} k"),
        _ => Invariant($"{perSecond:g3}"),
    };

    private static string Number(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 1 => Invariant($"{value:f2}"),
        _ => Invariant($"{value:g2}"),
    };
}
