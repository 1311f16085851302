using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using static Algorithms.LibC;
using static Algorithms.Segment;
using static Algorithms.ShmData;
using static Algorithms.Stdio;

namespace Algorithms;

/// <summary>
/// The command <c>roundtrip</c>: how long a message takes through the slot of 8-1 to 8-3 and back, between two
/// processes that wait as 8-2 and 8-3 do. Its C twin is bench/twins/roundtrip.c.
/// </summary>
internal static class RoundTrip
{
    private const int MostRounds = 100_000_000;

    public static Command Command()
    {
        WaitingOptions waiting = new("futex");
        Option<int> rounds = CommandLine.Number("--rounds", "N", "How many messages go and come back", 100_000, 1, MostRounds);
        Option<int> cpu = CommandLine.Number("--cpu", "CPU", "The processor of the writer", 0, 0, 63);
        Option<int> partnerCpu = CommandLine.Number("--partner-cpu", "CPU", "The processor of the reader", 1, 0, 63);
        Option<int?> partner = new("--partner") { Hidden = true };
        Command command = new("roundtrip", "Measure a message's way to another process and back") { rounds, cpu, partnerCpu, partner };
        waiting.AddTo(command);
        command.SetAction(options =>
        {
            Waiting how = waiting.From(options, WaitStrategy.Futex);
            return options.GetValue(partner) is { } shmid
                ? Read(shmid, options.GetValue(partnerCpu), options.GetValue(rounds), how)
                : Write(options.GetValue(cpu), options.GetValue(partnerCpu), options.GetValue(rounds), how, waiting.ArgumentsFrom(options, WaitStrategy.Futex));
        });
        return command;
    }

    // The writer: a number into mtext, written = 1, and wait until the reader has stored 0.
    private static int Write(int cpu, int partnerCpu, int rounds, Waiting waiting, string[] waitingArguments)
    {
        Pin(cpu);
        int shmid = shmget(IPC_PRIVATE, Unsafe.SizeOf<shared_struct>(), PERM);
        if (shmid == -1)
            throw new ErrExit("roundtrip: shmget()");
        using IDisposable removal = Leftover.RemoveSegment(shmid);
        using SegmentPeer reader = new("reader", shmid);
        using Segment shmptr = shmat(shmid, 0, 0);
        if (shmptr.IsInvalid)
            throw new ErrExit("roundtrip: shmat()");

        using Children children = new();
        children.Spawn(
            Environment.ProcessPath!,
            ["roundtrip", "--partner", $"{shmid}", "--partner-cpu", $"{partnerCpu}", "--rounds", $"{rounds}", .. waitingArguments]);

        ref shared_struct shared = ref shmptr.As<shared_struct>();
        long[] times = new long[rounds];
        long start = 0;
        for (int round = -1; round < 2 * rounds; round++) // the first waits for the reader to come; then a mean, then each
        {
            if (round == 0)
                start = Stopwatch.GetTimestamp();
            long sent = round < rounds ? 0 : Stopwatch.GetTimestamp();
            Unsafe.As<message_text, long>(ref shared.mtext) = round;
            waiting.Store(ref shared.written, 1);
            waiting.Until(ref shared.written, 0, reader, loss: "a message"u8);
            if (round == rounds - 1)
                start = Stopwatch.GetTimestamp() - start;
            if (round >= rounds)
                times[round - rounds] = Stopwatch.GetTimestamp() - sent;
        }

        children.Wait();
        if (shmctl(shmid, IPC_RMID, 0) == -1)
            throw new ErrExit("roundtrip: shmctl(IPC_RMID)");
        Array.Sort(times);
        printf($"rounds {rounds}, p50 {Nanoseconds(times[(rounds - 1) / 2])}, p99 {Nanoseconds(times[(int)((rounds - 1) * 0.99)])}, "
            + $"max {Nanoseconds(times[^1])}, mean {(double)Nanoseconds(start) / rounds:f1}\n");
        return EXIT_SUCCESS;
    }

    // The reader: copy the number out, written = 0. A number out of its turn was lost or torn.
    private static int Read(int shmid, int cpu, int rounds, Waiting waiting)
    {
        Pin(cpu);
        using SegmentPeer writer = new("writer", shmid);
        using Segment shmptr = shmat(shmid, 0, 0);
        if (shmptr.IsInvalid)
            throw new ErrExit("roundtrip: shmat()");

        ref shared_struct shared = ref shmptr.As<shared_struct>();
        for (int round = -1; round < 2 * rounds; round++)
        {
            waiting.While(ref shared.written, 0, writer, loss: "a message"u8);
            long number = Unsafe.As<message_text, long>(ref shared.mtext);
            waiting.Store(ref shared.written, 0);
            if (number != round)
                throw ErrExit.Because($"roundtrip: {number} came in place of {round}");
        }

        return EXIT_SUCCESS;
    }

    private static long Nanoseconds(long ticks) => ticks * 1_000_000_000 / Stopwatch.Frequency;

    private static void Pin(int cpu)
    {
        using Process self = Process.GetCurrentProcess();
        self.ProcessorAffinity = (nint)(1L << cpu); // inherited by the reader, which then takes its own
    }
}
