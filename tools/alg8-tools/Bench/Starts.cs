using System.Diagnostics;
using System.Runtime.CompilerServices;
using Algorithms.Linux;
using Algorithms.Session;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>Start-up: each program, with as little to do as it can have, from its start to its end, beside its C twin.</summary>
internal sealed class Starts : IDisposable
{
    private const string Section = "From start to end";

    private readonly string _twins, _name = $"{Bench.Prefix}{Environment.ProcessId}-start", _path;
    private readonly int _starts;
    private readonly IDisposable _removal;
    private readonly SlideSegment _segment = new();

    /// <summary>Prepare what they need.</summary>
    /// <param name="twins">The folder of the compiled twins.</param>
    /// <param name="starts">How many starts make one value.</param>
    public Starts(string twins, int starts)
    {
        (_twins, _starts, _path) = (twins, starts, Path.Combine(twins, "path"));
        byte[] bytes = new byte[TEXT_NUM * Unsafe.SizeOf<shared_struct>()];
        "Hello World!"u8.CopyTo(bytes);
        _removal = Bench.MakeObject(_name, bytes);
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Pair> All() =>
    [
        Of("8-1, with its children", "", [Suite.Sibling("alg8-1-shmcon"), _path, "--wait", "spin"], [Twin("shmcon"), _path, Twin("reader"), Twin("writer")]),
        Of("8-2, one message", "", [Suite.Sibling("alg8-2-shmread"), _segment.Key, "--wait", "spin"], [Twin("reader"), _segment.Key], () => _segment.Put("end\n"u8)),
        Of("8-3, one message", "", [Suite.Sibling("alg8-3-shmwrite"), _segment.Key, "--wait", "spin"], [Twin("writer"), _segment.Key], () => _segment.Put([])),
        Of("8-4, with its children", "<= 2.0", [Suite.Sibling("alg8-4-shmpthreadcon"), $"{_name}-4"], [Twin("con"), $"{_name}-4"]),
        Of("8-5 alone", "<= 4.0", [Suite.Sibling("alg8-5-shmproducer"), _name], [Twin("producer"), _name]),
        Of("8-6, its message there", "", [Suite.Sibling("alg8-6-shmconsumer"), _name], [Twin("consumer"), _name]),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        _segment.Dispose();
        _removal.Dispose();
    }

    private string Twin(string name) => Path.Combine(_twins, name);

    private Pair Of(string subject, string target, string[] ours, string[] c, Action? before = null) =>
        Pair.Of(Section, subject, "ms", target, () => Milliseconds(ours, before), () => Milliseconds(c, before));

    private double Milliseconds(string[] command, Action? before)
    {
        List<double> times = [];
        for (int i = 0; i < _starts; i++)
        {
            before?.Invoke();
            long began = Stopwatch.GetTimestamp();
            ProcessStartInfo start = Programs.At(command[0], command[1..]);
            (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
            using Process process = Descendants.Start(start);
            process.StandardInput.Close();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Signals.ThrowIfStopped();
            Descendants.Forget(process.Id);
            if (process.ExitCode != 0)
                throw ErrExit.Because($"bench: {string.Join(' ', command)}: exit status {process.ExitCode}: {process.StandardError.ReadToEnd().TrimEnd()}");
        }

        return Measurement.Median(times);
    }
}
