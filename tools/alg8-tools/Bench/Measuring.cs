using System.Diagnostics;
using Algorithms.Linux;

namespace Algorithms;

/// <summary>Running what is measured, as processes.</summary>
internal static class Measuring
{
    private const int MostMilliseconds = 60_000;

    /// <summary>What a program prints; standard error is the terminal's.</summary>
    /// <exception cref="ErrExit">It failed, or took longer than anything here should.</exception>
    public static string Output(string file, params string[] args)
    {
        ProcessStartInfo start = Programs.At(file, args);
        start.RedirectStandardOutput = true;
        using Process process = Descendants.Start(start);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        for (Stopwatch watch = Stopwatch.StartNew(); !process.WaitForExit(100);)
        {
            Signals.ThrowIfStopped();
            if (watch.ElapsedMilliseconds > MostMilliseconds)
                throw ErrExit.Because($"bench: {file} {string.Join(' ', args)}: did not end within {MostMilliseconds / 1000} s");
        }

        Signals.ThrowIfStopped();
        Descendants.Forget(process.Id);
        return process.ExitCode == 0
            ? output.GetAwaiter().GetResult()
            : throw ErrExit.Because($"bench: {file} {string.Join(' ', args)}: exit status {process.ExitCode}");
    }

    /// <summary>Do something that mostly waits on a thread of its own: the pool would make a new one only now and then.</summary>
    public static Task AtOnce(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Wait for all of them; the first error is this one's.</summary>
    public static void WaitForAll(params IEnumerable<Task> tasks)
    {
        Task all = Task.WhenAll(tasks);
        all.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        Signals.ThrowIfStopped();
        all.GetAwaiter().GetResult();
    }

    /// <summary>The time from a program's start to its end, in seconds.</summary>
    public static double Seconds(string file, params string[] args)
    {
        long start = Stopwatch.GetTimestamp();
        Output(file, args);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
