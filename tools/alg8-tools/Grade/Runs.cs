namespace Algorithms;

/// <summary>The isolations that are at work, so that all can be stopped at once.</summary>
internal sealed class Runs
{
    private readonly Lock _lock = new();
    private readonly List<Isolation.Run> _runs = [];

    public bool AreStopped { get; private set; }

    /// <summary>Start one more.</summary>
    /// <exception cref="ErrExit">They are stopped.</exception>
    public Isolation.Run Start(Isolation isolation, Plan plan, string archive)
    {
        lock (_lock)
        {
            if (AreStopped)
                throw ErrExit.Because("grade was stopped");
            Isolation.Run run = isolation.Start(plan, archive);
            _runs.Add(run);
            return run;
        }
    }

    public void Stop()
    {
        Isolation.Run[] running;
        lock (_lock)
        {
            AreStopped = true;
            running = [.. _runs];
        }

        Array.ForEach(running, run => run.Release());
        Array.ForEach(running, run => run.Stop());
    }
}

/// <summary>Some threads that share work: each piece waits for other processes nearly all the time.</summary>
internal static class Crew
{
    public static void Do<T>(int width, IEnumerable<T> pieces, Action<T> work)
    {
        Queue<T> queue = new(pieces);
        Thread[] crew = [.. Enumerable.Range(0, Math.Min(width, queue.Count)).Select(_ => new Thread(Take) { IsBackground = true })];
        Array.ForEach(crew, thread => thread.Start());
        Array.ForEach(crew, thread => thread.Join());

        void Take()
        {
            while (true)
            {
                T? piece;
                lock (queue)
                {
                    if (!queue.TryDequeue(out piece))
                        return;
                }

                work(piece);
            }
        }
    }
}
