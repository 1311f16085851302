using Mono.Unix.Native;

namespace Algorithms.Tests.Harness;

/// <summary>
/// A test in which something goes wrong: signals, deaths, other people's memory. Random moments come from a seed, which
/// stands in the message of a failure and can be given again in ALG8_SEED.
/// </summary>
public abstract class FaultTest : SharedMemoryTest
{
    /// <summary>The longest wait for a random moment: a session without a person is over by then.</summary>
    private const int LongestMoment = 120;

    protected FaultTest()
    {
        Seed = int.TryParse(Environment.GetEnvironmentVariable("ALG8_SEED"), out int seed)
            ? seed
            : Random.Shared.Next();
        Random = new Random(Seed);
    }

    /// <summary>What all random choices of the test come from.</summary>
    protected Random Random { get; }

    private int Seed { get; }

    /// <summary>
    /// A moment in the life of a program that has just been started: from before its first line to after its last.
    /// </summary>
    protected Task RandomMoment() => Task.Delay(Random.Next(LongestMoment), TestContext.Current.CancellationToken);

    /// <summary>Runs a check many times; a failure names the seed. A skip stays one.</summary>
    protected async Task Often(int times, Func<int, Task> check)
    {
        for (int round = 0; round < times; round++)
        {
            try
            {
                await check(round);
            }
            catch (Exception e) when (e is not (OperationCanceledException or Xunit.Sdk.SkipException))
            {
                throw new InvalidOperationException($"ALG8_SEED={Seed}, round {round}: {e.Message}", e);
            }
        }
    }

    /// <summary>
    /// Starts a program as the leader of a process group of its own: what a terminal's foreground group is. On a busy
    /// machine, a short session may be over before anybody has seen the group.
    /// </summary>
    internal async Task<RunningProgram> StartGroup(string file, params string[] arguments)
    {
        RunningProgram run = Start(Tool.Find("setsid"), [file, .. arguments]);
        await Wait.Until(() => run.HasEnded || Syscall.kill(-run.Id, 0) == 0, () => "a group of its own");
        return run;
    }

    /// <summary>
    /// Sends a signal to a process, or with a minus before its id to a group. It may be gone already.
    /// </summary>
    protected static void Send(int pid, Signum signal) => _ = Syscall.kill(pid, signal);

    /// <summary>The program of this test that has this file's name in its command line, once it is there.</summary>
    internal async Task<int> PidOf(string program)
    {
        int pid = 0;
        await Wait.Until(() => (pid = FindPid(program)) != 0, () => $"a process of {program}");
        return pid;
    }

    /// <summary>As PidOf; 0 if there is none now.</summary>
    internal int FindPid(string program) =>
        Ours().FirstOrDefault(
            process => process.CommandLine.StartsWith(program + " ", StringComparison.Ordinal)) is { } found
            ? int.Parse(found.Id, null)
            : 0;

    /// <summary>
    /// Waits until none of this test's processes is left. The two seconds of the specification are for ./run.sh stress
    /// to measure: a machine that is busy with tests may take longer.
    /// </summary>
    internal Task AllGone() => Wait.Until(() => !Ours().Any(), () => $"the end of {string.Join("; ", Ours())}");

    /// <summary>
    /// Waits until a process that waits has looked after the others for about as long as it would for a dead one.
    /// </summary>
    internal static async Task HasLookedAround(int pid)
    {
        const long Enough = 60; // reads in /proc, some ten for each of its looks, every 0.4 s

        long before = Reads();
        await Wait.Until(() => Reads() >= before + Enough, () => $"the looks of process {pid}");

        long Reads() =>
            long.Parse(
                File.ReadLines($"/proc/{pid}/io").First(
                    line => line.StartsWith("syscr: ", StringComparison.Ordinal))["syscr: ".Length..],
                null);
    }

    /// <summary>No stack trace, and no death by a signal of a program's own making.</summary>
    internal static void NoCrash(Finished run)
    {
        Assert.DoesNotContain("Unhandled", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.False(run.Status is 128 + 4 or 128 + 6 or 128 + 7 or 128 + 8 or 128 + 11, $"exit status {run.Status}");
    }

    /// <summary>The segment that ftok's key of the path has, if any.</summary>
    internal static SegmentEntry? SegmentOf(string path) =>
        File.Exists(path) ? SegmentEntry.Find(SegmentEntry.KeyOf(path)) : null;

    /// <summary>
    /// Makes the segment of a path with a process that ends at once, or that lives until its input ends.
    /// </summary>
    internal async Task<RunningProgram> Creator(string path, int size = SegmentEntry.LectureSize, bool stays = false)
    {
        const string Script = """
            $| = 1;
            defined shmget($ARGV[0], $ARGV[1], 0666 | 01000 | 02000) or die "shmget: $!";
            print "made\n";
            <STDIN> if $ARGV[2];
            """;
        RunningProgram perl = Start(
            Tool.Find("perl"), ["-e", Script, $"{SegmentEntry.KeyOf(path)}", $"{size}", stays ? "1" : "0"]);
        await perl.Shows("made\n");
        if (!stays)
        {
            (await perl.Ends()).Printed("made\n");
        }

        return perl;
    }
}
