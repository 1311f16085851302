using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// What a controller hands down to its children goes on to whatever they start, and may outlive it: it means something
/// on the controller's own memory, and through its own pipes, alone. Signals are handed down as they were.
/// </summary>
public sealed class HandedDownTests : FaultTest
{
    [Fact(Timeout = Limit)]
    public async Task An_object_that_a_person_made_stays_though_a_childs_script_uses_it()
    {
        string name = NewName(), other = NewObject(), done = NewPath();
        string producer = NewScript($"""
            (read -r line < {done}; '{Alg8.Shmproducer}' {other} hello; echo "status $?") &
            exec '{Alg8.Shmproducer}' "$@"
            """);
        await Run("/bin/sh", ["-c", $"mkfifo {done}"]);
        RunningProgram run = Start(Alg8.Shmpthreadcon, [name, "--producer", producer]);
        await run.Shows("consumed message: ");
        await Wait.Until(() => FindPid(Alg8.Shmpthreadcon) == 0, () => "the controller's end");
        await Run("/bin/sh", ["-c", $"echo > {done}"]);
        Finished finished = await run.Ends();

        Assert.EndsWith("status 0\n", finished.Output);
        Assert.Equal("", finished.Error);
        Assert.StartsWith(
            "hello", await File.ReadAllTextAsync(ObjectPath(other), TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Limit)]
    public async Task A_file_that_has_a_pipes_number_by_now_is_neither_written_nor_closed()
    {
        string path = NewFile(), mine = NewPath(), bash = Tool.Find("bash");
        string reader = NewScript($$"""
            exec {{bash}} -c 'eval "exec ${ALG8_READY_FD%%:*}>{{mine}} ${ALG8_NEWS_FD%%:*}</dev/null"; exec "$@"' \
                bash '{{Alg8.Shmread}}' "$@"
            """);

        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex", "--reader", reader], "end\n");

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(0, new FileInfo(mine).Length);
    }

    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_on_another_key_is_one_by_hand_while_the_controller_lives_and_after(bool lives)
    {
        SegmentEntry byHand = await NewSegment();
        string environment = NewPath();
        string reader = NewScript(
            $"env | grep ^ALG8_ | grep -v TEST > {environment}.new; mv {environment}.new {environment}; exec "
                + $"'{Alg8.Shmread}' \"$@\"");
        RunningProgram session = Start(Alg8.Shmcon, [NewFile(), "--wait", "futex", "--reader", reader]);
        await session.Shows("Enter some text: ");
        if (!lives)
        {
            await session.Types("end\n");
            await session.Ends();
        }

        (string, string?)[] handedDown =
        [.. File.ReadLines(environment).Select(line => line.Split('=', 2)).Select(pair => (pair[0], (string?)pair[1]))];
        RunningProgram reading = Start(Alg8.Shmread, [byHand.Hex, "--wait", "futex"], null, handedDown);
        await reading.Shows("ready ...");
        await SleepsAgain(reading.Id);
        RunningProgram writing = Start(Alg8.Shmwrite, [byHand.Hex, "--wait", "futex"], null, handedDown);
        await writing.Types("end\n");

        Assert.Equal((0, 0), ((await writing.Ends()).Status, (await reading.Ends()).Status));
        Assert.NotEmpty(handedDown);
        if (lives)
        {
            await session.Types("end\n");
            Assert.Equal(0, (await session.Ends()).Status);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task An_orphan_in_a_pid_namespace_of_its_own_notices()
    {
        string unshare = Tool.Find("unshare"), path = NewFile();
        if ((await Run(unshare, ["--map-root-user", "--pid", "--fork", "true"])).Status != 0)
        {
            Tool.Miss("This test needs the right to make pid namespaces.");
        }

        string reader = NewScript($"exec '{unshare}' --map-root-user --pid --fork '{Alg8.Shmread}' \"$@\"");
        RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--wait", "futex", "--reader", reader);
        await run.Shows("Enter some text: ");
        await run.Types("Hello World!\n");
        await run.Shows("You wrote: Hello World!\n");
        await HasLookedAround(FindPid(Alg8.Shmread));

        Send(run.Id, Signum.SIGKILL);
        await AllGone();

        Finished finished = await run.IsGone();
        Assert.Contains($"shmread: the controller (pid {run.Id}) is gone", finished.Error);
        Assert.Null(SegmentOf(path));
    }

    [Fact(Timeout = Limit)]
    public async Task An_orphans_unlink_never_meets_the_object_of_a_new_run()
    {
        string strace = Tool.Find("strace"), name = NewName(), log = NewPath();
        string slow = NewScript(
            $"export DOTNET_EnableDiagnostics=0; exec '{strace}' -f -qq -o {log} -e trace=unlink -e "
                + $"inject=unlink:delay_enter=3s '{Alg8.Shmconsumer}' \"$@\"");
        RunningProgram run = await StartGroup(Alg8.Shmpthreadcon, name, "--stream", "--consumer", slow);
        await run.Types("x");
        await run.Shows("x");
        int producer = FindPid(Alg8.Shmproducer);
        Send(run.Id, Signum.SIGKILL);
        Send(producer, Signum.SIGKILL);
        await Wait.Until(
            () => File.Exists(log) && File.ReadAllText(log).Contains(ObjectPath(name)), () => "the orphan's unlink");

        Finished next = await Run(Alg8.Shmpthreadcon, [name, "--stream"], "y");
        await AllGone();

        NoCrash(next);
        Assert.DoesNotContain("was removed", next.Error);
        Assert.True(next.Status == 0 || next.Error.Contains("con: shm_open(): File exists\n"), next.Error);
        await run.IsGone();
        Assert.False(File.Exists(ObjectPath(name)));
    }

    [Fact(Timeout = Limit)]
    public async Task Children_get_the_signals_that_the_controller_was_started_with()
    {
        const string Block = """
            use POSIX; my $all = POSIX::SigSet->new; $all->fillset; sigprocmask(SIG_BLOCK, $all) if $ARGV[0];
            $SIG{USR1} = 'IGNORE'; $SIG{CHLD} = 'IGNORE';
            shift @ARGV; exec @ARGV
            """;
        // The shell itself: what it starts gets no blocked signals.
        string producer = NewScript(
            $"while read -r line; do echo \"$line\" >&2; done < /proc/$$/status; exec '{Alg8.Shmproducer}' \"$@\"");

        foreach (bool blocked in new[] { false, true })
        {
            Finished run = await Run(
                Tool.Find("perl"),
                [
                    "-e", Block, blocked ? "1" : "0", Alg8.Shmpthreadcon, NewName(), "--producer", producer
                ]);

            Assert.Equal(0, run.Status);
            Assert.Equal(blocked, IsIn(Signum.SIGTERM, "SigBlk") && IsIn(Signum.SIGPIPE, "SigBlk"));
            Assert.False(IsIn(Signum.SIGPIPE, "SigIgn"));
            Assert.True(IsIn(Signum.SIGUSR1, "SigIgn"));

            bool IsIn(Signum signal, string set) =>
                (Convert.ToUInt64(run.Error.Split($"{set}:")[1].TrimStart().Split('\n')[0], 16)
                    >> ((int)signal - 1) & 1) != 0;
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Signals_that_were_blocked_at_the_start_still_end_a_program()
    {
        const string Block =
            "use POSIX; my $all = POSIX::SigSet->new; $all->fillset; sigprocmask(SIG_BLOCK, $all); exec @ARGV";
        string path = NewFile();
        RunningProgram run = Start(Tool.Find("perl"), ["-e", Block, Alg8.Shmcon, path, "--wait", "futex"]);
        await run.Shows("Enter some text: ");

        Send(run.Id, Signum.SIGTERM);
        Finished finished = await run.IsGone();

        Assert.Equal(143, finished.Status);
        Assert.Null(SegmentOf(path));
    }

    [Fact(Timeout = Limit)]
    public async Task A_child_in_C_that_dies_of_a_cut_object_is_told_with_the_objects_name()
    {
        string name = NewName(), ring = await Peers.C("ring");
        RunningProgram run = await StartGroup(
            Alg8.Shmpthreadcon, name, "--items", "999999999999999",
            "--producer", NewScript(
                $"exec '{ring}' produce \"$@\""), "--consumer", NewScript($"exec '{ring}' consume \"$@\""));
        await Wait.Until(
            () => Ours().Count(child => child.CommandLine.StartsWith(ring + " ", StringComparison.Ordinal)
                && File.ReadAllText($"/proc/{child.Id}/maps").Contains(name)) == 2,
            () => "both mappings");

        await Run("/bin/sh", ["-c", $"truncate -s 0 {ObjectPath(name)}"]);
        Finished finished = await run.IsGone();
        await AllGone();

        finished.Failed(
            "was killed by signal 7, SIGBUS\n", $"con: {ObjectPath(name)} was cut to 0 bytes by another process\n");
        Assert.False(File.Exists(ObjectPath(name)));
    }
}
