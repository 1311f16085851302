using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using static Algorithms.ShmData;
using static Algorithms.Stdio;

namespace Algorithms;

/// <summary>
/// The command <c>bench</c>: the suite beside its C twins, compiled in the same run. Each pair runs in turn, after one
/// run of each that does not count; what is told is the median and the spread, and the ratio of the medians.
/// </summary>
internal static partial class Bench
{
    private const int StartsInARun = 40;

    public static Command Command()
    {
        Option<int> runs = CommandLine.Number("--runs", "N", "How often each side runs", 5, 3, 1000);
        Option<bool> quick = new("--quick") { Description = "A tenth of the work: under 20 seconds, and less to be trusted" };
        Option<string?> only = new("--only") { HelpName = "NAME", Description = "Only the measures whose name contains this" };
        Option<DirectoryInfo> twins = new("--twins") { Description = "The folder of the C twins", Required = true, HelpName = "FOLDER" };
        Command command = new("bench", "Measure the suite against its C twins") { runs, quick, only, twins };
        command.SetAction(options =>
            Run(options.GetValue(twins)!, options.GetValue(runs), options.GetValue(quick), options.GetValue(only)));
        return command;
    }

    private static int Run(DirectoryInfo twins, int runs, bool quick, string? only)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("alg8-bench-");
        using IDisposable removal = Stage.Own(() => folder.Delete(recursive: true));
        string gcc = Children.InPath("gcc") ?? throw ErrExit.Because("bench: gcc is needed for the C twins: apt-get install gcc");
        foreach (string twin in (string[])["ring_items", "stream", "roundtrip", "con", "producer", "consumer", "reader"])
            Output(gcc, "-O2", "-o", Path.Combine(folder.FullName, twin), Path.Combine(twins.FullName, twin + ".c"));

        printf($"{File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}, {Processor()}, {Environment.ProcessorCount} processors, "
            + $".NET {Environment.Version}, medians of {runs} runs each{(quick ? ", quick" : "")}\n\n"
            + $"{"",-34} {"ours",12} {"C",12} {"",-8} {"ours/C",7} {"to reach",9}\n");
        foreach (Measure measure in Measures(folder.FullName, quick))
        {
            if (only is null || measure.Name.Contains(only, StringComparison.OrdinalIgnoreCase))
                Tell(measure, runs);
        }

        return EXIT_SUCCESS;
    }

    private static IEnumerable<Measure> Measures(string twins, bool quick)
    {
        string name = $"alg8-bench-{Environment.ProcessId}", con = Sibling("alg8-4-shmpthreadcon"), tools = Environment.ProcessPath!;
        int scale = quick ? 10 : 1;
        foreach (int size in (int[])[10, 1024])
        {
            string items = $"{30_000_000 / scale}";
            yield return new(
                $"items, buffer {size}, spin", "M/s", ">= 1.0",
                () => Figure(ItemsPerSecond(), Output(con, name, "--items", items, "--quiet", "--buffer-size", $"{size}")) / 1e6,
                () => Figure(ItemsPerSecond(), Output($"{twins}/ring_items", name, "--items", items, "--buffer-size", $"{size}")) / 1e6);
        }

        string data = $"/dev/shm/{name}-data";
        using (IDisposable removal = Stage.Own(() => File.Delete(data)))
        {
            int mebibytes = 1024 / scale;
            Output("/bin/sh", "-c", $"head -c {mebibytes}M /dev/zero > {data}");
            yield return new(
                $"stream, {mebibytes} MiB, buffer 10", "MB/s", "",
                () => mebibytes * 1.048576 / Seconds("/bin/sh", "-c", $"'{con}' {name} --stream < {data} > /dev/null"),
                () => mebibytes * 1.048576 / Seconds("/bin/sh", "-c", $"'{twins}/stream' {name} < {data} > /dev/null"));
            yield return new(
                "the same; C is cat | cat", "MB/s", ">= 1.5",
                () => mebibytes * 1.048576 / Seconds("/bin/sh", "-c", $"'{con}' {name} --stream < {data} > /dev/null"),
                () => mebibytes * 1.048576 / Seconds("/bin/sh", "-c", $"cat {data} | cat > /dev/null"));
        }

        foreach ((string wait, int cpu, int rounds) in ((string, int, int)[])[("futex", 0, 40_000), ("futex", 1, 40_000), ("spin", 1, 1_000_000)])
        {
            string where = cpu == 0 ? "one core" : "two cores", pin = cpu == 0 ? "same" : "different", count = $"{rounds / scale}";
            double Ours() => Figure(Mean(), Output(tools, "roundtrip", "--wait", wait, "--cpu", "0", "--partner-cpu", $"{cpu}", "--rounds", count));
            double Twin(string how) => Figure(Mean(), Output($"{twins}/roundtrip", "--wait", how, "--pin", pin, "--rounds", count));
            yield return new($"round trip, {wait}, {where}", "ns", "<= 1.1", Ours, () => Twin(wait));
            if (wait == "futex")
                yield return new("the same; C is a pipe", "ns", "<= 1.0", Ours, () => Twin("pipe"));
        }

        yield return new(
            "start to end of 8-4", "ms", "<= 2.0",
            () => MillisecondsEach($"'{con}' {name}"), () => MillisecondsEach($"'{twins}/con' {name}"));

        string shm = $"/dev/shm/{name}";
        using (IDisposable removal = Stage.Own(() => File.Delete(shm)))
        {
            File.WriteAllBytes(shm, new byte[4100]);
            yield return new(
                "start of 8-5 alone", "ms", "<= 4.0",
                () => MillisecondsEach($"'{Sibling("alg8-5-shmproducer")}' {name}"), () => MillisecondsEach($"'{twins}/producer' {name}"));
        }

        yield return new(
            "memory at rest of 8-2 (PSS)", "KiB", "C + 4096",
            () => MemoryAtRest(Sibling("alg8-2-shmread")), () => MemoryAtRest($"{twins}/reader"));
    }

    private static void Tell(Measure measure, int runs)
    {
        _ = measure.Ours();
        _ = measure.C();
        List<double> ours = [], c = [];
        for (int run = 0; run < runs; run++)
        {
            Stage.ThrowIfStopped();
            ours.Add(measure.Ours());
            c.Add(measure.C());
        }

        (double a, double b) = (Median(ours), Median(c));
        string doubt = Spread(ours) > 0.5 || Spread(c) > 0.5 ? "   spread too wide to trust" : "";
        string row = $"{measure.Name,-34} {a,12:g4} {b,12:g4} {measure.Unit,-8} {a / b,7:f2} {measure.Target,9}"
            + $"   ours {ours.Min():g4}..{ours.Max():g4}, C {c.Min():g4}..{c.Max():g4}{doubt}\n";
        printf(row);
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Spread(List<double> values) => (values.Max() - values.Min()) / Median(values);

    private static string Sibling(string name) => Children.Sibling(name);

    private static double Figure(Regex figure, string output) =>
        figure.Match(output) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw ErrExit.Because($"bench: no figure in what was printed: {output}");

    private static double Seconds(string file, params string[] args)
    {
        long start = Stopwatch.GetTimestamp();
        Output(file, args);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // A shell starts them one after the other: it costs both sides the same.
    private static double MillisecondsEach(string command) =>
        1000.0 / StartsInARun * Seconds("/bin/sh", "-c", $"i=0; while [ $i -lt {StartsInARun} ]; do {command} >/dev/null || exit 1; i=$((i+1)); done");

    private static double MemoryAtRest(string reader)
    {
        int shmid = LibC.shmget(RandomKey(), 4100, MODE_0666 | LibC.IPC_CREAT | LibC.IPC_EXCL);
        if (shmid == -1)
            throw new ErrExit("bench: shmget()");
        using IDisposable removal = Stage.Own(() => LibC.shmctl(shmid, LibC.IPC_RMID, 0));

        using Process process = Process.Start(new ProcessStartInfo(reader, [$"{SegmentInfo.Of(shmid)!.Key:x}"]) { RedirectStandardOutput = true })!;
        for (int line = 0; line < 4; line++)
            process.StandardOutput.ReadLine();
        Stage.Sleep(200); // it has come to rest
        string pss = File.ReadLines($"/proc/{process.Id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        process.Kill();
        process.WaitForExit();
        return double.Parse(pss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static int RandomKey() => Random.Shared.Next(1, 0x0fff_ffff);

    private static string Output(string file, params string[] args)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, args) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw ErrExit.Because($"bench: {file} {string.Join(' ', args)}: exit status {process.ExitCode}");
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "?";

    [GeneratedRegex(@"items/s (\d+)")]
    private static partial Regex ItemsPerSecond();

    [GeneratedRegex(@"mean ([\d.]+)")]
    private static partial Regex Mean();

    private sealed record Measure(string Name, string Unit, string Target, Func<double> Ours, Func<double> C);
}
