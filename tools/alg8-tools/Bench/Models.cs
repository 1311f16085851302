using System.Globalization;
using Algorithms.Linux;
using static Algorithms.Measuring;

namespace Algorithms;

/// <summary>
/// The two models of interprocess communication: each mechanism between two processes, by the command <c>ipc</c>, and
/// those that the suite implements beside their C twin.
/// </summary>
/// <param name="twin">The compiled C twin; null where there is none.</param>
/// <param name="quick">Whether there is little time: shorter runs, latency of the usual size alone, no throughput of single bytes.</param>
/// <param name="repeats">How often each is repeated.</param>
internal sealed class Models(string? twin, bool quick, int repeats)
{
    /// <summary>The part of the report on a message there and an acknowledgement back.</summary>
    public const string Latency = "Latency";

    /// <summary>The part on messages one after the other.</summary>
    public const string Throughput = "Throughput";

    /// <summary>The part on what the kernel has to do.</summary>
    public const string Kernel = "The kernel's part";

    private const int SleepMessages = 2;
    private const int CountedRuns = 3;

    private readonly int _milliseconds = quick ? 5 : 60; // of measuring in one run

    private static readonly string[] _latencies = ["p50", "p99", "max"];

    /// <summary>The sizes of messages, in bytes.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [1, 64, 4096];

    /// <summary>The size for what does not depend on it much.</summary>
    public const int UsualSize = 64;

    private static string? TwoCores => Environment.ProcessorCount > 1 ? "0,1" : null;

    /// <summary>The arguments of <c>ipc</c>, ours and the twin's.</summary>
    public static string[] Arguments(string mechanism, int size, int messages, string measure, string? cpus) =>
        [mechanism, "--size", $"{size}", "--messages", $"{messages}", "--measure", measure, .. cpus is null ? (string[])[] : ["--cpus", cpus]];

    /// <summary>All mechanisms but the one that sleeps, for that takes seconds, whatever the size.</summary>
    public IEnumerable<Pair> All(Func<string, bool> isWanted)
    {
        foreach (Mechanism mechanism in Mechanism.All.Where(mechanism => mechanism.Name != Mechanism.Sleeping && isWanted(mechanism.Name)))
        {
            double latency = Pair.Figures(Ipc(mechanism, UsualSize, 200, "latency"))["mean"];
            foreach (int size in Sizes)
            {
                int messages = (int)Math.Clamp(_milliseconds * 1e6 / latency, 100, 300_000);
                if (size == UsualSize || !quick)
                    yield return Of(mechanism, size, messages, "latency", LatenciesOf(mechanism, size));
                if (size >= UsualSize || !quick)
                    yield return Of(mechanism, size, messages, "throughput", RatesOf(mechanism, size));
            }
        }
    }

    /// <summary>
    /// The slide's sleep(1): all repeats at once, for who sleeps takes no processor from anybody, and each takes seconds.
    /// </summary>
    public IReadOnlyList<Measurement> Sleep()
    {
        Mechanism sleeping = Mechanism.All.First(mechanism => mechanism.Name == Mechanism.Sleeping);
        Pair[] pairs =
        [
            .. Sizes.Select(size => Of(sleeping, size, SleepMessages, "latency", LatenciesOf(sleeping, size))),
            Of(sleeping, UsualSize, SleepMessages, "throughput", RatesOf(sleeping, UsualSize)),
        ];
        Task[] runs =
        [
            .. from pair in pairs
               from _ in Enumerable.Range(0, repeats)
               from isOurs in pair.C is null ? (bool[])[true] : [true, false]
               select Measuring.AtOnce(() =>
               {
                   IReadOnlyDictionary<string, double> figures = isOurs ? pair.Ours() : pair.C!();
                   lock (pair)
                       pair.Keep(figures, isOurs);
               }),
        ];
        WaitForAll(runs);
        return [.. pairs.SelectMany(pair => pair.Measurements)];
    }

    /// <summary>
    /// System calls for each message, of both processes together: strace counts those of a run of few messages, and those
    /// of a run of more; what more there are is divided by the messages that were more. Null where there is no strace.
    /// </summary>
    public Measurement? SystemCalls(Mechanism mechanism)
    {
        if (Programs.Find("strace") is not { } strace)
            return null;

        bool sleeps = mechanism.Name == Mechanism.Sleeping;
        (int few, int many) = sleeps ? (1, 5) : quick ? (50, 350) : (100, 1100);
        Measurement measurement = new(Kernel, mechanism.Name, 0, "calls/message", "");
        for (int i = 0; i < (sleeps || quick ? 1 : CountedRuns); i++) // who is held up for long by strace has the other side sleep, now and then
        {
            long more = Count(many) - Count(few);
            measurement.Ours.Add(Math.Max(0, (double)more / (many - few) / 1.1)); // a tenth more than those counted come first, to warm up
        }

        return measurement;

        long Count(int messages)
        {
            string log = Path.GetTempFileName();
            using IDisposable removal = Signals.Own(() => File.Delete(log));
            Output(
                strace,
                [
                    "-f", "-c", "-S", "calls", "-o", log,
                    Environment.ProcessPath!, "ipc", .. Arguments(mechanism.Name, UsualSize, messages, "throughput", TwoCores),
                ]);
            // % time, seconds, usecs/call, calls, errors, and in the last line: total
            string total = File.ReadLines(log).Last(line => line.EndsWith(" total", StringComparison.Ordinal));
            return long.Parse(total.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
        }
    }

    private static Measurement[] LatenciesOf(Mechanism mechanism, int size) =>
        [.. _latencies.Select(figure => new Measurement(Latency, mechanism.Name, size, figure, "ns"))];

    private static Measurement[] RatesOf(Mechanism mechanism, int size) =>
    [
        new(Throughput, mechanism.Name, size, "messages/s", "1/s"),
        new(Throughput, mechanism.Name, size, "cpu/million", "s"),
        .. size == UsualSize ? (Measurement[])[new(Kernel, mechanism.Name, 0, "setup", "ns")] : [],
    ];

    private Pair Of(Mechanism mechanism, int size, int messages, string measure, IReadOnlyList<Measurement> measurements) =>
        new(
            () => WithRates(Ipc(mechanism, size, messages, measure)),
            mechanism.HasTwin && twin is not null ? () => WithRates(Output(twin, Arguments(mechanism.Name, size, messages, measure, TwoCores))) : null,
            measurements)
        {
            NeedsWarmUp = false,
        };

    private static string Ipc(Mechanism mechanism, int size, int messages, string measure) =>
        Output(Environment.ProcessPath!, ["ipc", .. Arguments(mechanism.Name, size, messages, measure, TwoCores)]);

    private static Dictionary<string, double> WithRates(string line)
    {
        Dictionary<string, double> figures = new(Pair.Figures(line));
        if (figures.TryGetValue("seconds", out double seconds))
        {
            figures["messages/s"] = figures["messages"] / seconds;
            figures["cpu/million"] = figures["cpu"] / figures["messages"] * 1e6;
        }

        return figures;
    }
}
