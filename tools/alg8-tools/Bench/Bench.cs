using System.CommandLine;
using System.Diagnostics;
using Algorithms.Console;
using Algorithms.Linux;
using Algorithms.Options;
using Mono.Unix.Native;
using Spectre.Console;
using static Algorithms.Calls;
using static Algorithms.Measuring;
using static Algorithms.ShmData;
using static Mono.Unix.Native.OpenFlags;

namespace Algorithms;

/// <summary>
/// The command <c>bench</c>: the two models of interprocess communication, and the suite beside its C twins, compiled in
/// the same run. Ours and the twin run in turn; what is told is the median of the repeats, the spread, and the ratio.
/// </summary>
internal static class Bench
{
    /// <summary>How the names of its objects and of its folder begin.</summary>
    public const string Prefix = "alg8-bench-";

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
        string folder = TempFolder.Create(Prefix);
        using IDisposable removal = Signals.Own(() => TempFolder.Delete(folder));
        Environment.SetEnvironmentVariable("TMPDIR", folder); // what is started puts its temporary files there
        using IDisposable end = Descendants.Own();
        string? gcc = Programs.Find("gcc");
        if (gcc is null)
            Stdio.Notice("bench: no gcc here: measuring without the C twins");
        else
            WaitForAll(sources.GetFiles("*.c").Select(source => AtOnce(() => Compile(gcc, source, folder))));

        Models models = new(gcc is null ? null : Path.Combine(folder, "ipc"), quick, runs);
        using TwinMeasures twinMeasures = new(folder, scale: quick ? 20 : 2);
        using Starts starts = new(folder, quick ? 1 : 10);
        Pair[] pairs =
        [
            .. models.All(isWanted),
            .. starts.All().Concat(twinMeasures.All()).Where(pair => isWanted(pair.Measurements[0].Subject)).Select(pair => gcc is null ? pair with { C = null } : pair),
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
            WaitForAll(sleeping);

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

        BenchReport.Show(AnsiConsole.Console, measured, gcc, runs, quick, Stopwatch.GetElapsedTime(began));
        if (table is not null)
            BenchFiles.WriteCsv(table, measured);
        if (chart is not null)
            BenchFiles.WriteSvg(chart, measured);
        return EXIT_SUCCESS;
    }

    private static void Compile(string gcc, FileInfo source, string folder) => Output(
        gcc, "-O2", "-DINTERVAL_MS=0", "-o", Path.Combine(folder, Path.GetFileNameWithoutExtension(source.Name)), source.FullName);

    /// <summary>Make an object in /dev/shm of some bytes, which is removed at the end of the block.</summary>
    public static IDisposable MakeObject(string name, ReadOnlySpan<byte> bytes)
    {
        using ShmObject fd = ShmObject.Open(name, O_CREAT | O_EXCL | O_RDWR, MODE_0666); // O_EXCL: through no link of others
        if (fd.IsInvalid)
            throw new ErrExit($"bench: shm_open({name})");
        IDisposable removal = Signals.Own(() => shm_unlink(name));
        Errno errno = Stdio.TryWrite(fd.Fd, bytes);
        if (errno != 0)
        {
            removal.Dispose();
            throw new ErrExit($"bench: write({name})", errno);
        }

        Mark.PutOnObject(fd, bytes.Length);
        return removal;
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
