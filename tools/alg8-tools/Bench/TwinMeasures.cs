using System.Diagnostics;
using System.Globalization;
using Algorithms.Linux;
using Algorithms.Session;
using static Algorithms.Measuring;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>The suite beside its C twins where nothing else compares: items, streams, one core, memory at rest.</summary>
internal sealed class TwinMeasures : IDisposable
{
    private const string Section = "The suite and its C twins";

    private readonly string _twins, _name = $"{Bench.Prefix}{Environment.ProcessId}", _con = Suite.Sibling("alg8-4-shmpthreadcon");
    private readonly int _scale, _mebibytes;
    private readonly string _data;
    private IDisposable? _removal;

    /// <summary>Prepare what they need.</summary>
    /// <param name="twins">The folder of the compiled twins.</param>
    /// <param name="scale">By how much the work is divided.</param>
    public TwinMeasures(string twins, int scale)
    {
        (_twins, _scale, _mebibytes) = (twins, scale, 1024 / scale);
        _data = $"/dev/shm/{_name}-data"; // read from memory, a file is no bottleneck
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Pair> All() => [.. Items(), .. Streams(), .. OnOneCore(), AtRest()];

    /// <inheritdoc/>
    public void Dispose() => _removal?.Dispose();

    private IEnumerable<Pair> Items() =>
        from size in (int[])[10, 1024]
        let items = $"{10_000_000 / _scale}"
        select Pair.Of(
            Section, $"items, buffer {size}, spin", "M/s", ">= 1.0",
            () => Millions(Output(_con, _name, "--items", items, "--quiet", "--buffer-size", $"{size}")),
            () => Millions(Output($"{_twins}/ring_items", _name, "--items", items, "--buffer-size", $"{size}")));

    private IEnumerable<Pair> Streams() =>
        from twin in ((string Subject, string Target, string Command)[])
        [
            ($"stream, {_mebibytes} MiB, buffer 10", "", $"'{_twins}/stream' {_name} < {_data} > /dev/null"),
            ($"stream, {_mebibytes} MiB; C: cat | cat", ">= 1.5", $"cat {_data} | cat > /dev/null"),
        ]
        select Pair.Of(
            Section, twin.Subject, "MB/s", twin.Target,
            () => MegabytesPerSecond($"'{_con}' {_name} --stream < {_data} > /dev/null"), () => MegabytesPerSecond(twin.Command));

    // Both on one processor: there nobody can look for the other while it works, and each message takes two switches.
    private IEnumerable<Pair> OnOneCore() =>
        from twin in ((string Subject, string Target, string Mechanism)[])
        [
            ("futex, 1 core", "<= 1.1", "written-futex"),
            ("futex, 1 core; C: a pipe", "<= 1.0", "pipe"),
        ]
        select Pair.Of(
            Section, twin.Subject, "ns", twin.Target,
            () => Mean(Output(Environment.ProcessPath!, ["ipc", .. RoundTrip("written-futex")])), () => Mean(Output($"{_twins}/ipc", RoundTrip(twin.Mechanism))));

    private string[] RoundTrip(string mechanism) =>
        Models.Arguments(mechanism, Models.UsualSize, 40_000 / _scale, "latency", cpus: "0,0");

    private Pair AtRest() => Pair.Of(
        Section, "memory at rest of 8-2, PSS", "KiB", "C + 4096",
        () => MemoryAtRest(Suite.Sibling("alg8-2-shmread")), () => MemoryAtRest($"{_twins}/reader"));

    private double MegabytesPerSecond(string command)
    {
        const int MarkBytes = 64;

        _removal ??= Bench.MakeObject($"{_name}-data", new byte[(_mebibytes * 1024 * 1024) - MarkBytes]);
        return _mebibytes * 1.048576 / Seconds("/bin/sh", "-c", command);
    }

    private static double Millions(string line) => Pair.Figures(line)["items/s"] / 1e6;

    private static double Mean(string line) => Pair.Figures(line)["mean"];

    private static double MemoryAtRest(string reader)
    {
        using SlideSegment segment = new();
        ProcessStartInfo start = Programs.At(reader, segment.Key);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using Process process = Descendants.Start(start);
        using IDisposable end = Signals.Own(() =>
        {
            process.Kill();
            process.WaitForExit();
        });
        for (int line = 0; line < 4; line++)
            process.StandardOutput.ReadLine();
        while (!ProcFs.IsAsleep(process.Id)) // it has come to rest
            Signals.Sleep(10);
        return ProcFs.Kilobytes(process.Id, "smaps_rollup", "Pss");
    }
}
