using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using Algorithms.Linux;
using Algorithms.Options;
using Mono.Unix.Native;
using static Algorithms.Console.Stdio;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>
/// The command <c>stress</c>: whole sessions, kills at random moments and random arguments, many of them, on the real
/// programs; nothing may be lost, hang, crash or stay behind.
/// </summary>
internal static class Stress
{
    private const int FullSessions = 1000, FullKills = 500, FullArguments = 100_000;

    private static readonly Lock _printing = new();

    public static Command Command()
    {
        Option<int> seconds = CommandLine.Number("--seconds", "SECONDS", "How long to go on", 60, least: 1, most: 86_400);
        Option<int> seed = CommandLine.Number("--seed", "NUMBER", "Repeat the random choices of a run", 0, least: 0, most: int.MaxValue);
        Option<int> patience = CommandLine.Number("--patience", "SECONDS", "How long all may take to end after a kill", 2, least: 1, most: 60);
        Option<bool> full = new("--full")
        {
            Description = $"All of it, however long it takes: {FullSessions} sessions of 8-1 and of 8-4, {FullKills} kills, {FullArguments} argument vectors",
        };
        Command command = new("stress", "Sessions, kills and random arguments: nothing may be lost, hang, crash or stay behind") { seconds, seed, patience, full };
        command.SetAction(options => Run(
            options.GetResult(seed) is { Implicit: false } ? options.GetValue(seed) : Random.Shared.Next(),
            options.GetValue(full) ? null : options.GetValue(seconds),
            TimeSpan.FromSeconds(options.GetValue(patience))));
        return command;
    }

    private static int Run(int seed, int? seconds, TimeSpan patience)
    {
        HashSet<string> before = [.. Made()];
        string folder = TempFolder.Create(StressTrials.Prefix);
        using IDisposable removal = Signals.Own(() => Clear(folder, before));
        using IDisposable end = Descendants.Own();
        Stopwatch watch = Stopwatch.StartNew();
        printf($"stress: seed {seed}, {(seconds is { } s ? $"{s} s" : "all of it")}, {Environment.ProcessorCount} processors\n");

        Phase segments = new("sessions of 8-1", FullSessions, Until(0.25)), objects = new("runs of 8-4", FullSessions, Until(0.45));
        Phase kills = new("kills", FullKills, Until(0.8)), arguments = new("argument vectors", FullArguments, Until(1), 4); // many wait for somebody
        segments.Go(seed, trial => new StressTrials(trial, folder, patience).SegmentSession());
        objects.Go(seed, trial => new StressTrials(trial, folder, patience).ObjectSession());
        ConcurrentBag<TimeSpan> ends = [];
        kills.Go(seed, trial =>
        {
            (string? wrong, TimeSpan took) = new StressTrials(trial, folder, patience).Kill();
            ends.Add(took);
            return wrong;
        });
        arguments.Go(seed, trial => new StressTrials(trial, folder, patience).Arguments());
        Signals.ThrowIfStopped();

        int leaks = Clear(folder, before), hangs = ends.Count(took => took > patience);
        printf($"{segments.Done} sessions of 8-1: {segments.Failed} wrong\n"
            + $"{objects.Done} runs of 8-4: {objects.Failed} wrong\n"
            + $"{kills.Done} kills: {hangs} hangs over {patience.TotalSeconds:f0} s, {kills.Failed - hangs} other failures; the slowest end took {ends.DefaultIfEmpty().Max().TotalSeconds:f1} s\n"
            + $"{arguments.Done} argument vectors: {arguments.Failed} crashes or hangs\n"
            + $"{leaks} leaks\n"
            + $"{watch.Elapsed.TotalSeconds:f0} s\n");
        return segments.Failed + objects.Failed + kills.Failed + arguments.Failed + leaks == 0 ? EXIT_SUCCESS : EXIT_FAILURE;

        Func<bool> Until(double share) => () => seconds is { } all && watch.Elapsed.TotalSeconds > all * share;
    }

    // What is still there after the last trial should not be; it goes now.
    private static int Clear(string folder, HashSet<string> before)
    {
        if (!Directory.Exists(folder))
            return 0;

        string[] leaks = [.. Made(folder).Except(before)];
        foreach (string leak in leaks)
        {
            if (int.TryParse(leak, out int shmid))
                _ = Calls.shmctl(shmid, LibC.IPC_RMID, 0);
            else
                _ = Calls.shm_unlink(leak);
        }

        TempFolder.Delete(folder);
        return leaks.Length;
    }

    // The leftovers that stress could have made: segments by their ids, of all paths that it uses; objects by their names.
    private static IEnumerable<string> Made(string? folder = null)
    {
        IEnumerable<string> paths = StressArguments.Values.Concat(folder is null ? [] : Directory.EnumerateFiles(folder));
        HashSet<int> keys = [.. paths.Where(Path.Exists).Select(path => Calls.ftok(path, PROJ_ID))];
        IEnumerable<string> segments =
            from segment in SegmentInfo.List()
            where keys.Contains(segment.Key) && segment.IsLeftover() && segment.Owner == Syscall.geteuid()
            select $"{segment.Shmid}";
        IEnumerable<string> objects =
            from path in Directory.EnumerateFiles("/dev/shm")
            let name = Path.GetFileName(path)
            where (name.StartsWith(StressTrials.Prefix, StringComparison.Ordinal) || StressArguments.Values.Contains(name))
                && ObjectInfo.Named(name) is { } found && found.Owner == Syscall.geteuid()
            select $"/{name}";
        return segments.Concat(objects);
    }

    /// <summary>One kind of trial, on several threads, one each at least, until there were enough or the time is over.</summary>
    private sealed class Phase(string what, int most, Func<bool> isOver, int perProcessor = 1)
    {
        private const int PollMilliseconds = 100;

        private int _begun, _done, _failed;

        public int Done => _done;

        public int Failed => _failed;

        public void Go(int seed, Func<int, string?> trial)
        {
            Thread[] workers = [.. Enumerable.Range(0, perProcessor * Environment.ProcessorCount).Select(_ => new Thread(Work))];
            Array.ForEach(workers, worker => worker.Start());
            foreach (Thread worker in workers)
            {
                while (!worker.Join(PollMilliseconds))
                {
                    if (Signals.StoppedBy() is not null)
                        Descendants.End(); // for those does it wait
                }
            }

            Progress("");
            Signals.ThrowIfStopped();

            void Work()
            {
                try
                {
                    WorkOn();
                }
                catch (Exception) when (Signals.StoppedBy() is not null)
                {
                    // Its processes have been ended.
                }
            }

            void WorkOn()
            {
                for (bool isFirst = true;
                    Signals.StoppedBy() is null && (isFirst || !isOver()) && Interlocked.Increment(ref _begun) is var number && number <= most;
                    isFirst = false)
                {
                    string? wrong = trial(unchecked((seed * 1_000_003) + number) & int.MaxValue);
                    int done = Interlocked.Increment(ref _done);
                    if (wrong is not null && Signals.StoppedBy() is null)
                    {
                        Interlocked.Increment(ref _failed);
                        lock (_printing)
                            Notice($"{(Syscall.isatty(2) ? "\r\u001b[K" : "")}stress: seed {seed}, {what} {number}: {wrong}");
                    }

                    Progress($"{done} {what}");
                }
            }
        }

        private static void Progress(string line)
        {
            if (!Syscall.isatty(2))
                return;
            lock (_printing)
                System.Console.Error.Write($"\r\u001b[K{line}");
        }
    }
}
