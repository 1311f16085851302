using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Tools;

/// <summary>The command ipc: messages through each mechanism, between two real processes, and its C twin.</summary>
public sealed partial class IpcTests : FaultTest
{
    private static string Latency(int messages) =>
        $@"^messages {messages}, p50 \d+, p99 \d+, max \d+, mean [\d.]+, setup \d+, cpu \d+\.\d+\n$";

    private static string Throughput(int messages) =>
        $@"^messages {messages}, seconds [\d.]+, setup \d+, cpu \d+\.\d+\n$";

    public static TheoryData<string> Mechanisms =>
        [
            "written-spin", "written-futex", "buffer-10", "buffer-1024", "sysv-queue", "posix-queue", "pipe", "fifo",
            "unix", "tcp",
        ];

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Mechanisms))]
    public async Task Messages_of_every_size_come_through_whole_and_in_order(string mechanism)
    {
        foreach (string size in (string[])["1", "7", "64", "4096"])
        {
            Finished latency = await Run(Tools, ["ipc", mechanism, "--size", size, "--messages", "200"]);
            Assert.Equal((0, ""), (latency.Status, latency.Error));
            Assert.Matches(Latency(200), latency.Output);

            Finished throughput =
                await Run(Tools, ["ipc", mechanism, "--size", size, "--messages", "2000", "--measure", "throughput"]);
            Assert.Equal((0, ""), (throughput.Status, throughput.Error));
            Assert.Matches(Throughput(2000), throughput.Output);
        }

        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact(Timeout = Limit)]
    public async Task The_slides_sleep_takes_a_second_for_a_message()
    {
        Finished run = await Run(Tools, ["ipc", "written-sleep", "--messages", "1"]);

        Assert.Equal(0, run.Status);
        Assert.True(long.Parse(P50().Match(run.Output).Groups[1].Value, null) >= 900_000_000, run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task A_message_through_a_pipe_is_one_write_and_one_read()
    {
        const int Few = 100, Many = 1100, WarmingUp = (Many - Few) / 10;
        int more = Many - Few + WarmingUp;

        (int fewReads, int fewWrites) = await Calls(Few);
        (int reads, int writes) = await Calls(Many);

        // The runtime reads some files of /proc too, not always as many.
        Assert.InRange(reads - fewReads, more - 10, more + 10);
        Assert.InRange(writes - fewWrites, more - 10, more + 10);

        async Task<(int Reads, int Writes)> Calls(int messages)
        {
            string log = NewPath();
            string[] counted = ["-f", "-qq", "-e", "trace=read,write", "-o", log, Tools];
            Finished run = await Run(
                Tool.Find("strace"),
                [
                    .. counted, "ipc", "pipe", "--messages", $"{messages}", "--measure", "throughput"
                ]);
            Assert.Equal(0, run.Status);
            string[] lines = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
            return (lines.Count(line => line.Contains(" read(")), lines.Count(line => line.Contains(" write(")));
        }
    }

    // Who waits in the kernel for a message would wait for ever.
    [Theory(Timeout = Limit)]
    [MemberData(nameof(Mechanisms))]
    public async Task When_either_side_is_killed_the_other_ends_and_nothing_stays(string mechanism)
    {
        foreach (bool killReceiver in (bool[])[true, false])
        {
            RunningProgram run = await StartGroup(
                Tool.Find("env"), $"TMPDIR={Folder}", Tools, "ipc", mechanism, "--messages", "90000000", "--measure",
                "throughput");
            await Wait.Until(
                () => Ours().Any(process => process.CommandLine.Contains("--address")), () => "the receiver");
            int receiver = int.Parse(Ours().First(process => process.CommandLine.Contains("--address")).Id, null);

            Send(killReceiver ? receiver : run.Id, Signum.SIGKILL);
            Finished finished = await run.IsGone();
            await Wait.Until(() => !Ours().Any(), () => "the end of the other side");

            NoCrash(finished);
            Assert.Empty(Directory.GetDirectories(Folder, "alg8-ipc-*"));
            // key msqid perms cbytes qnum lspid lrpid: a queue of which only these two know
            Assert.DoesNotContain(
                File.ReadLines("/proc/sysvipc/msg").Skip(1).Select(
                    line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
                queue => queue[5] == $"{run.Id}" || queue[6] == $"{receiver}");
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("pip", "MECHANISM 'pip': not one of written-sleep, ")]
    [InlineData("pipe --size 0", "--size '0': not a whole number from 1 to 4096")]
    [InlineData("pipe --messages none", "--messages 'none': not a whole number")]
    [InlineData("pipe --measure speed", "--measure 'speed': not one of latency, throughput")]
    [InlineData("pipe --cpus 0", "--cpus '0': not two processors")]
    [InlineData("pipe --cpus 0,63", "sched_setaffinity(63): Invalid argument")]
    public async Task What_cannot_be_measured_is_refused(string arguments, string says) =>
        (await Run(Tools, ["ipc", .. arguments.Split(' ')])).FailedAtOnce(says);

    [Fact(Timeout = LongLimit)]
    public async Task The_C_twins_compile_without_a_warning_and_ipcs_twin_prints_the_same_line()
    {
        foreach (string source in Directory.GetFiles(Path.Combine(Repository.Root, "tools/bench/twins"), "*.c"))
        {
            await Peers.Compile(source, Path.Combine(Folder, Path.GetFileNameWithoutExtension(source)));
        }

        foreach (string mechanism in (string[])["written-spin", "written-futex", "buffer-10", "buffer-1024"])
        {
            string[] arguments = [mechanism, "--size", "64", "--messages", "500", "--measure"];
            Finished latency = await Run(Path.Combine(Folder, "ipc"), [.. arguments, "latency"]);
            Assert.Matches(Latency(500), latency.Output);
            Finished throughput = await Run(Path.Combine(Folder, "ipc"), [.. arguments, "throughput"]);
            Assert.Matches(Throughput(500), throughput.Output);
        }
    }

    private static string Tools => Path.Combine(Repository.Bin, "alg8-tools");

    [GeneratedRegex(@"p50 (\d+)")]
    private static partial Regex P50();
}
