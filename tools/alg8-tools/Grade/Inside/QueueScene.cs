using System.Globalization;
using System.Security.Cryptography;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>The lab's second part, a circular queue in the place of the slot: all three programs of the submission.</summary>
internal sealed class QueueScene(Ground ground) : Scene(ground)
{
    // More than a queue of ten places holds, and less than one would fill by accident.
    private const int Ahead = 3, Batch = 3;

    private readonly Wrappers _wrappers = new(ground);

    protected override void Play()
    {
        string controllerFile = Theirs(Roles.QueueCon);
        _wrappers.PutTheirs(Roles.QueueRead, controllerFile, Theirs(Roles.QueueRead));
        _wrappers.PutTheirs(Roles.QueueWrite, controllerFile, Theirs(Roles.QueueWrite));
        Actor queue = Ground.Start(controllerFile, Path.Combine(Ground.Plan.Temp, $"myqueue{RandomNumberGenerator.GetInt32(1000, 9999)}"));
        int reader = 0; // started, as the writer is, and past its first steps
        Ground.Until(() => ((reader = Find(Roles.QueueRead, "read")) != 0 && Find(Roles.QueueWrite, "write") != 0) || queue.HasExited, 8000);

        if (Expects("empty"))
        {
            Ground.Pause(1200);
            string[] early = [.. Read(queue).Select(text => Transcript.Show(LineKind.Wrote, text))];
            Note(Roles.QueueCon, queue);
            Unmet.IfDifferent("what queueread prints while the queue is empty", [], early);
            Unmet.Unless(!queue.HasExited, "the empty queue", "both sides wait", queue.Fate());
        }

        if (Expects("ahead") || Expects("full"))
            GoAhead(queue, reader);
        else
            TypeInBatches(queue);

        bool ended = queue.Ends();
        Note(Roles.QueueCon, queue);
        Unmet.IfDifferent(
            "the messages that queueread prints",
            [.. Check.Lines.Select(line => Transcript.Show(LineKind.Wrote, line))],
            [.. Read(queue).Select(text => Transcript.Show(LineKind.Wrote, text))]);
        if (Expects("clean"))
        {
            EndsWell(Roles.QueueCon, queue);
            string left = string.Join(", ", Ground.Segments.Select(segment => $"a segment of key {segment.Key:x}"));
            Unmet.Unless(left.Length == 0, "what the queue leaves behind", "nothing", left);
        }
        else
        {
            Unmet.Unless(ended, "the end of the queue's programs", "all end after `end`", queue.Fate());
        }
    }

    private static string[] Read(Actor queue) => new Transcript(queue.Output).Texts(LineKind.Wrote);

    private static int Written(Actor queue) => new Transcript(queue.Output).Texts(LineKind.Buffer).Length;

    // A few lines, and the next when they have been read: the queue is never full.
    private void TypeInBatches(Actor queue)
    {
        int typed = 0;
        foreach (string[] batch in Check.Lines.Chunk(Batch))
        {
            queue.Type(string.Concat(batch.Select(line => line + "\n")));
            typed += batch.Length;
            if (!Ground.Until(() => Read(queue).Length >= typed || queue.HasExited))
                return;
        }
    }

    // The reader is stopped while lines are typed, then goes on.
    private void GoAhead(Actor queue, int reader)
    {
        Unmet.Unless(reader != 0, "queueread", "it runs", queue.HasExited ? queue.Fate() : "no process of it was found");
        _ = Syscall.kill(reader, Signum.SIGSTOP);
        queue.Type(string.Concat(Check.Lines.Select(line => line + "\n")));
        int all = Check.Lines.Count, written = 0;
        long quiet = Environment.TickCount64;
        Ground.Until(() =>
        {
            int now = Written(queue);
            if (now != written)
                (written, quiet) = (now, Environment.TickCount64);
            return written == all || Environment.TickCount64 - quiet > 1500;
        });
        _ = Syscall.kill(reader, Signum.SIGCONT);
        int least = Math.Min(Ahead, all);
        if (Expects("ahead"))
        {
            Unmet.Unless(
                written >= least, "how far the writer gets while the reader is stopped", $"{least} messages at least",
                written.ToString(CultureInfo.InvariantCulture));
        }
    }

    // The process of this program, or that has this in its name where it is a script's, once it has the shared memory.
    private int Find(string role, string part) => Ground.Strays.FirstOrDefault(pid =>
    {
        string[] maps = [.. ProcFs.ReadLines($"/proc/{pid}/maps")];
        return maps.Any(line => line.Contains("/SYSV", StringComparison.Ordinal) || line.Contains("/dev/shm/", StringComparison.Ordinal))
            && (maps.Any(line => line.EndsWith($" {Theirs(role)}", StringComparison.Ordinal))
                || ProcFs.ReadLines($"/proc/{pid}/comm").FirstOrDefault("").Contains(part, StringComparison.OrdinalIgnoreCase));
    });
}
