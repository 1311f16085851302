using System.Diagnostics;

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
        using Process process = Programs.Start(start);
        using IDisposable end = Stage.Own(() => End(process));
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        for (Stopwatch watch = Stopwatch.StartNew(); !process.WaitForExit(100);)
        {
            Stage.ThrowIfStopped();
            if (watch.ElapsedMilliseconds > MostMilliseconds)
                throw ErrExit.Because($"bench: {file} {string.Join(' ', args)}: did not end within {MostMilliseconds / 1000} s");
        }

        return process.ExitCode == 0
            ? output.GetAwaiter().GetResult()
            : throw ErrExit.Because($"bench: {file} {string.Join(' ', args)}: exit status {process.ExitCode}");
    }

    /// <summary>Do something that mostly waits on a thread of its own: the pool would make a new one only now and then.</summary>
    public static Task AtOnce(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The time from a program's start to its end, in seconds.</summary>
    public static double Seconds(string file, params string[] args)
    {
        long start = Stopwatch.GetTimestamp();
        Output(file, args);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // Also the children of a shell, or of a controller that was stopped.
    private static void End(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }
}
