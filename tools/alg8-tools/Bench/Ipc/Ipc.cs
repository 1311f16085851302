using System.CommandLine;
using System.CommandLine.Parsing;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Algorithms.Options;
using Algorithms.Session;
using Mono.Unix.Native;
using static System.Buffers.Binary.BinaryPrimitives;
using static Algorithms.Calls;
using static Algorithms.Console.Stdio;
using static Algorithms.LibC;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>
/// The command <c>ipc</c>: messages from one process to another through one mechanism, measured. Its C twin is
/// bench/twins/ipc.c, which prints the same line.
/// </summary>
internal static class Ipc
{
    private const int MostMessages = 100_000_000;

    public static Command Command()
    {
        Argument<Mechanism> mechanism = new("MECHANISM")
        {
            Description = string.Join(", ", Mechanism.All.Select(mechanism => mechanism.Name)),
            CustomParser = result => Mechanism.All.FirstOrDefault(mechanism => mechanism.Name == result.Tokens[0].Value)
                ?? CommandLine.Refuse<Mechanism>(result, $"MECHANISM '{result.Tokens[0].Value}': not one of {string.Join(", ", Mechanism.All.Select(m => m.Name))}"),
        };
        Option<int> size = CommandLine.Number("--size", "BYTES", "The bytes of a message", 64, 1, TEXT_SIZE);
        Option<int> messages = CommandLine.Number("--messages", "N", "How many are measured", 10_000, 1, MostMessages);
        Option<What?> measure = new("--measure")
        {
            HelpName = "latency|throughput",
            Description = "Each message there and an acknowledgement back, or all of them one after the other (default: latency)",
            CustomParser = result => result.Tokens[0].Value switch
            {
                "latency" => What.Latency,
                "throughput" => What.Throughput,
                var text => CommandLine.Refuse<What?>(result, $"--measure '{text}': not one of latency, throughput"),
            },
        };
        Option<int[]?> cpus = new("--cpus")
        {
            HelpName = "A,B",
            Description = "The processors of the sender and of the receiver",
            CustomParser = Pair,
        };
        Option<string?> address = new("--address") { Hidden = true };
        Option<int> figures = new("--figures") { Hidden = true };
        Command command = new("ipc", "Measure messages from one process to another through one mechanism") { mechanism, size, messages, measure, cpus, address, figures };
        command.SetAction(options =>
        {
            Task task = new(
                options.GetValue(mechanism)!, options.GetValue(size), options.GetValue(messages), options.GetValue(measure) ?? What.Latency, options.GetValue(cpus));
            return options.GetValue(address) is { } where ? Receive(task, where, options.GetValue(figures)) : Send(task);
        });
        return command;
    }

    private static int Send(Task task)
    {
        task.Pin(0);
        int shmid = shmget(IPC_PRIVATE, Marshal.SizeOf<Figures>(), PERM);
        if (shmid == -1)
            throw new ErrExit("ipc: shmget()");
        using Segment figures = shmat(shmid, 0, 0);
        // Removed already, it can still be attached by its id as long as it is attached here, and cannot stay behind. shmctl(2)
        if (shmctl(shmid, IPC_RMID, 0) == -1 || figures.IsInvalid)
            throw new ErrExit("ipc: shmat()");

        using Channel channel = task.Mechanism.Open(null, task.Size);
        using Children children = new();
        children.Spawn(Environment.ProcessPath!, task.ForReceiver(channel.Address, shmid));
        using (Watchdog.Over(() => children.HaveFailed))
        {
            channel.Connect();
            Measured measured = task.IsThroughput ? SendAll(task, channel) : SendEach(task, channel);
            children.Wait();
            Figures theirs = figures.As<Figures>();
            printf($"messages {task.Messages}, {measured.Text}, setup {(long)channel.SetUp.TotalNanoseconds + theirs.SetUpNanoseconds}, "
                + $"cpu {(measured.Cpu + TimeSpan.FromTicks(theirs.CpuTicks)).TotalSeconds:f6}\n");
        }

        return EXIT_SUCCESS;
    }

    private static Measured SendEach(Task task, Channel channel)
    {
        byte[] message = new byte[task.Size];
        long[] times = new long[task.Messages];
        for (long number = 0; number < task.WarmUp; number++)
            SendOne(number);

        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long first = Stopwatch.GetTimestamp(), before = first;
        for (int i = 0; i < times.Length; i++)
        {
            SendOne(task.WarmUp + i);
            long after = Stopwatch.GetTimestamp();
            times[i] = after - before;
            before = after;
        }

        cpu = Environment.CpuUsage.TotalTime - cpu;
        Array.Sort(times);
        string text = FormattableString.Invariant(
            $"p50 {Nanoseconds(times[(times.Length - 1) / 2])}, p99 {Nanoseconds(times[(int)((times.Length - 1) * 0.99)])}, max {Nanoseconds(times[^1])}, mean {(double)Nanoseconds(before - first) / times.Length:f1}");
        return new Measured(text, cpu);

        void SendOne(long number)
        {
            Task.Number(message, number);
            channel.Send(message);
            channel.AwaitAcknowledgement();
        }
    }

    private static Measured SendAll(Task task, Channel channel)
    {
        byte[] message = new byte[task.Size];
        for (long number = 0; number < task.WarmUp; number++)
            SendOne(number);
        channel.AwaitAcknowledgement();

        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < task.Messages; i++)
            SendOne(task.WarmUp + i);
        channel.AwaitAcknowledgement();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new Measured(FormattableString.Invariant($"seconds {elapsed.TotalSeconds:f9}"), Environment.CpuUsage.TotalTime - cpu);

        void SendOne(long number)
        {
            Task.Number(message, number);
            channel.Send(message);
        }
    }

    private static int Receive(Task task, string address, int shmid)
    {
        task.Pin(1);
        using Channel channel = task.Mechanism.Open(address, task.Size); // first: if the sender is gone, its removal is ours
        using Segment figures = shmat(shmid, 0, 0);
        if (figures.IsInvalid)
            throw new ErrExit("ipc: shmat()");
        using (Watchdog.Over(() => Controller.IsGone()))
        {
            byte[] message = new byte[task.Size];
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            for (long number = 0; number < task.WarmUp + task.Messages; number++)
            {
                if (number == task.WarmUp)
                    cpu = Environment.CpuUsage.TotalTime;
                channel.Receive(message);
                if (!Task.IsNumber(message, number))
                    throw ErrExit.Because($"ipc: message {number} was lost, torn or out of order");
                if (!task.IsThroughput || number == task.WarmUp - 1 || number == task.WarmUp + task.Messages - 1)
                    channel.Acknowledge();
            }

            figures.As<Figures>() = new Figures
            {
                SetUpNanoseconds = (long)channel.SetUp.TotalNanoseconds,
                CpuTicks = (Environment.CpuUsage.TotalTime - cpu).Ticks,
            };
        }

        return EXIT_SUCCESS;
    }

    private static int[]? Pair(ArgumentResult result)
    {
        const int Most = 63; // the bits of an affinity mask

        string text = result.Tokens[0].Value;
        int[] cpus = [.. text.Split(',').Select(cpu => int.TryParse(cpu, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return cpus.Length == 2 && cpus.All(cpu => cpu is >= 0 and <= Most)
            ? cpus
            : CommandLine.Refuse<int[]?>(result, $"--cpus '{text}': not two processors from 0 to {Most}, such as 0,1");
    }

    private static long Nanoseconds(long ticks) => ticks * 1_000_000_000 / Stopwatch.Frequency;

    private enum What
    {
        Latency,
        Throughput,
    }

    private sealed record Measured(string Text, TimeSpan Cpu);

    // What the receiver tells the sender at its end, in a segment of their own.
    private struct Figures
    {
        public long SetUpNanoseconds, CpuTicks;
    }

    /// <summary>What both sides are to do.</summary>
    private sealed record Task(Mechanism Mechanism, int Size, int Messages, What Measure, int[]? Cpus)
    {
        public bool IsThroughput => Measure == What.Throughput;

        /// <summary>Messages that come first and are not measured. The slide's sleep needs none.</summary>
        public int WarmUp => Mechanism.Name == Mechanism.Sleeping ? 1 : (Messages / 10) + 1;

        public string[] ForReceiver(string address, int figures) =>
        [
            "ipc", Mechanism.Name, "--size", $"{Size}", "--messages", $"{Messages}", "--address", address, "--figures", $"{figures}",
            "--measure", Measure.ToString().ToLowerInvariant(),
            .. Cpus is { Length: 2 } ? (string[])["--cpus", string.Join(',', Cpus)] : [],
        ];

        public void Pin(int side)
        {
            if (Cpus is not { Length: 2 })
                return;
            using Process self = Process.GetCurrentProcess();
            try
            {
                self.ProcessorAffinity = (nint)(1L << Cpus[side]); // a child inherits it, and takes its own
            }
            catch (Win32Exception e)
            {
                throw new ErrExit($"ipc: sched_setaffinity({Cpus[side]})", (Errno)e.NativeErrorCode);
            }
        }

        // At the beginning as many bytes of the number as there is room for; and at the end, so that a torn message shows.
        public static void Number(Span<byte> message, long number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            WriteInt64LittleEndian(bytes, number);
            bytes[..Math.Min(bytes.Length, message.Length)].CopyTo(message);
            if (message.Length >= 2 * bytes.Length)
                bytes.CopyTo(message[^bytes.Length..]);
        }

        public static bool IsNumber(ReadOnlySpan<byte> message, long number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            WriteInt64LittleEndian(bytes, number);
            return message.StartsWith(bytes[..Math.Min(bytes.Length, message.Length)])
                && (message.Length < 2 * bytes.Length || message.EndsWith(bytes));
        }
    }
}
