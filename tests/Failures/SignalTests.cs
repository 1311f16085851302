using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// Ctrl-C, and the other signals that ask a program to end: at any moment, all processes end, nothing stays, and the
/// exit status is 128 + the signal's number.
/// </summary>
public sealed class SignalTests : FaultTest
{
    private const int Times = 12;

    [Theory(Timeout = Limit)]
    [InlineData("sleep")]
    [InlineData("spin")]
    [InlineData("futex")]
    public Task An_interrupt_of_the_whole_group_at_any_moment_ends_8_1_and_removes_its_segment(string wait) =>
        Often(Times, async _ =>
        {
            string path = NewFile();
            RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--wait", wait);
            await RandomMoment();

            await Interrupted(run, -run.Id, Signum.SIGINT, () => SegmentOf(path) is null);
        });

    [Theory(Timeout = Limit)]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGHUP)]
    [InlineData(Signum.SIGINT)]
    [InlineData(Signum.SIGQUIT)]
    [InlineData(Signum.SIGUSR1)]
    public Task A_signal_to_8_1_alone_at_any_moment_ends_its_children_and_removes_its_segment(Signum signal) =>
        Often(Times / 2, async _ =>
        {
            string path = NewFile();
            RunningProgram run = await StartGroup(Alg8.Shmcon, path);
            await RandomMoment();

            await Interrupted(run, run.Id, signal, () => SegmentOf(path) is null);
        });

    [Theory(Timeout = Limit)]
    [InlineData(Signum.SIGINT, true)]
    [InlineData(Signum.SIGTERM, false)]
    [InlineData(Signum.SIGHUP, false)]
    public Task A_signal_at_any_moment_ends_8_4_and_removes_its_object(Signum signal, bool group) =>
        Often(Times, async _ =>
        {
            string name = NewName();
            RunningProgram run = await StartGroup(Alg8.Shmpthreadcon, name, "--stream");
            await RandomMoment();

            await Interrupted(run, group ? -run.Id : run.Id, signal, () => !File.Exists(ObjectPath(name)));
        });

    [Theory(Timeout = Limit)]
    [InlineData(By.C, By.CSharp)]
    [InlineData(By.CSharp, By.C)]
    [InlineData(By.C, By.C)]
    public async Task Children_in_C_are_ended_too(By reader, By writer)
    {
        string path = NewFile();
        RunningProgram run = await StartGroup(
            Alg8.Shmcon, path, "--reader", await Peers.Reader(reader), "--writer", await Peers.Writer(writer));
        await Wait.Until(() => SegmentOf(path) is { Attached: 2 }, () => "both children");

        await Interrupted(run, -run.Id, Signum.SIGINT, () => SegmentOf(path) is null);
    }

    [Fact(Timeout = Limit)]
    public async Task A_child_that_does_not_listen_is_killed()
    {
        string path = NewFile();
        string deaf = NewScript("trap '' INT TERM HUP; echo deaf; while :; do sleep 0.1; done");
        RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--writer", deaf);
        await run.Shows("deaf\n");

        await Interrupted(run, run.Id, Signum.SIGTERM, () => SegmentOf(path) is null);
    }

    [Fact(Timeout = Limit)]
    public async Task Programs_that_are_stuck_in_a_write_end_too()
    {
        string path = NewFile(), fifo = NewPath();
        // A pipe with little room left, which no process reads.
        string script = NewScript(
            $"mkfifo {fifo}; exec 3<>{fifo}; dd if=/dev/zero of={fifo} bs=1k count=60 2>/dev/null; exec \"$@\" >&3");
        RunningProgram run = Start(script, [Alg8.Shmcon, path, "--wait", "futex"]);
        await run.Types(string.Concat(Enumerable.Repeat(new string('x', 500) + "\n", 100)));
        await Wait.Until(
            () => SegmentOf(path) is { Attached: 2 } && IsWriting(FindPid(Alg8.Shmwrite)), () => "a full pipe");

        Send(run.Id, Signum.SIGTERM);
        Finished finished = await run.IsGone();
        await AllGone();

        Assert.Equal(143, finished.Status);
        Assert.Contains("shmcon: SIGTERM: shmid = ", finished.Error);
        Assert.Null(SegmentOf(path));
    }

    [Fact(Timeout = Limit)]
    public async Task Under_nohup_a_hangup_is_ignored_and_in_the_background_of_a_script_an_interrupt_is()
    {
        string path = NewFile();
        RunningProgram run =
            Start("/bin/sh", ["-c", "trap '' HUP INT; exec \"$@\"", "sh", Alg8.Shmcon, path, "--wait", "futex"]);
        await run.Shows("Enter some text: ");

        Send(run.Id, Signum.SIGHUP);
        Send(run.Id, Signum.SIGINT);
        await run.Types("Hello World!\nend\n");

        (await run.Ends()).Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("Hello World!\n", "end\n"));
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-2-shmread", "shmread process ready")]
    [InlineData("alg8-3-shmwrite", "Enter some text: ")]
    public async Task A_program_started_by_hand_ends_and_leaves_the_segment_with_a_hint(string program, string ready)
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram run = Start(Path.Combine(Repository.Bin, program), [segment.Hex]);
        await run.Shows(ready);

        Send(run.Id, Signum.SIGINT);
        Finished finished = await run.IsGone();

        Assert.Equal(130, finished.Status);
        Assert.Equal(
            $"hint: shmid {segment.Id} stays, for whoever comes next; to remove it: ipcrm -m {segment.Id}\n",
            finished.Error);
        Assert.Equal(0, SegmentEntry.Find(segment.Id)!.Attached);
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-2-shmread")]
    [InlineData("alg8-3-shmwrite")]
    public async Task After_the_death_of_a_child_the_terminal_is_as_it_was(string victim)
    {
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, NewFile());
        await terminal.Shows("Enter some text: ");

        Send(await PidOf(Path.Combine(Repository.Bin, victim)), Signum.SIGKILL);

        await terminal.Ends(status: 1);
        Assert.Contains("was killed by signal 9, SIGKILL", terminal.Screen);
    }

    // A signal may come before there is anything to remove: then there is nothing to say of it.
    private async Task Interrupted(RunningProgram run, int target, Signum signal, Func<bool> isRemoved)
    {
        Send(target, signal);
        Finished finished = await run.IsGone();
        await AllGone();

        Assert.Equal(128 + (int)signal, finished.Status);
        NoCrash(finished);
        Assert.True(isRemoved(), "It was not removed.");
        Assert.Equal(
            finished.Output.Contains("shmcon: shmid = "), finished.Error.Contains($"shmcon: {signal}: shmid = "));
    }

    private static bool IsWriting(int pid) =>
        pid != 0 && File.Exists($"/proc/{pid}/wchan") && File.ReadAllText($"/proc/{pid}/wchan").Contains("pipe");
}
