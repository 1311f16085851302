using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using static Algorithms.Measuring;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>
/// The command <c>bench</c>: the two models of interprocess communication, and the suite beside its C twins, compiled in
/// the same run. Ours and the twin run in turn; what is told is the median of the repeats, the spread, and the ratio.
/// </summary>
internal static class Bench
{
    public static Command Command()
    {
        Option<int> runs = CommandLine.Number("--runs", "N", "How often each is repeated", 5, 5, 1000);
        Option<bool> quick = new("--quick") { Description = "Less work: under 20 seconds, and less to be trusted" };
        Option<string?> only = new("--only") { HelpName = "NAME", Description = "Only what has NAME in its name: pipe, buffer-10, 8-5, stream ..." };
        Option<FileInfo?> csv = new("--csv") { HelpName = "FILE", Description = "Write every figure to FILE, as comma-separated values" };
        Option<FileInfo?> svg = new("--svg") { HelpName = "FILE", Description = "Write a chart of the latencies to FILE, as SVG" };
        Option<DirectoryInfo> twins = new("--twins") { Description = "The folder of the C twins", Required = true, Hidden = true };
        Command command = new("bench", "Measure shared memory against message passing, and the suite against C") { runs, quick, only, csv, svg, twins };
        command.SetAction(options => Run(
            options.GetValue(twins)!,
            options.GetValue(runs),
            options.GetValue(quick),
            name => options.GetValue(only) is not { } part || name.Contains(part, StringComparison.OrdinalIgnoreCase),
            options.GetValue(csv),
            options.GetValue(svg)));
        return command;
    }

    private static int Run(DirectoryInfo sources, int runs, bool quick, Func<string, bool> isWanted, FileInfo? csv, FileInfo? svg)
    {
        long began = Stopwatch.GetTimestamp();
        // Opened now: after minutes of measuring it would be late to find that they cannot be written.
        using StreamWriter? table = Open(csv);
        using StreamWriter? chart = Open(svg);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("alg8-bench-");
        using IDisposable removal = Stage.Own(() => folder.Delete(recursive: true));
        string gcc = Programs.Find("gcc") ?? throw ErrExit.Because("bench: gcc is needed for the C twins", "apt-get install gcc");
        Task.WaitAll(sources.GetFiles("*.c").Select(source => AtOnce(() => Output(
            gcc, "-O2", "-DINTERVAL_MS=0", "-o", Path.Combine(folder.FullName, Path.GetFileNameWithoutExtension(source.Name)), source.FullName))));

        Models models = new(Path.Combine(folder.FullName, "ipc"), quick, runs);
        using TwinMeasures twinMeasures = new(folder.FullName, scale: quick ? 20 : 2);
        using Starts starts = new(folder.FullName, quick ? 1 : 10);
        Pair[] pairs =
        [
            .. models.All(isWanted),
            .. starts.All().Concat(twinMeasures.All()).Where(pair => isWanted(pair.Measurements[0].Subject)),
        ];
        Mechanism[] mechanisms = [.. Mechanism.All.Where(mechanism => isWanted(mechanism.Name))];
        if (pairs.Length == 0 && mechanisms.Length == 0)
            throw ErrExit.Because("bench: --only: nothing has this in its name", $"the mechanisms are {string.Join(", ", Mechanism.All.Select(mechanism => mechanism.Name))}");

        List<Measurement> measured = [];
        using (BenchProgress progress = new(pairs.Sum(pair => pair.Runs * (runs + (pair.NeedsWarmUp ? 1 : 0)))))
        {
            // Neither takes the other's time: who sleeps leaves the processors to those whose calls are counted.
            IReadOnlyList<Measurement> slept = [];
            Task sleeping = AtOnce(() => slept = isWanted(Mechanism.Sleeping) ? models.Sleep() : []);
            Measurement[] calls = [.. mechanisms.Where(mechanism => !quick || mechanism.Name != Mechanism.Sleeping).Select(models.SystemCalls).OfType<Measurement>()];
            sleeping.Wait();

            measured.AddRange(slept);
            for (int repeat = -1; repeat < runs; repeat++)
            {
                foreach (Pair pair in (repeat & 1) == 0 ? pairs : pairs.Reverse())
                {
                    if (repeat >= 0 || pair.NeedsWarmUp)
                        pair.Repeat(repeat, progress.Done);
                }
            }

            measured.AddRange(pairs.SelectMany(pair => pair.Measurements));
            measured.AddRange(calls);
        }

        BenchReport.Show(AnsiConsole.Console, measured, runs, quick, Stopwatch.GetElapsedTime(began));
        if (table is not null)
            BenchFiles.WriteCsv(table, measured);
        if (chart is not null)
            BenchFiles.WriteSvg(chart, measured);
        return EXIT_SUCCESS;
    }

    private static StreamWriter? Open(FileInfo? file)
    {
        try
        {
            return file?.CreateText();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrExit.Because($"bench: {e.Message}");
        }
    }
}
