using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// Nobody waits for the dead: who loses the other side, or the memory itself, says so and ends with 1, and the
/// controller reports which child was killed by which signal. A stopped peer is not a dead one.
/// </summary>
public sealed class DeadPeerTests : FaultTest
{
    [Theory(Timeout = Limit)]
    [InlineData("sleep", true)]
    [InlineData("sleep", false)]
    [InlineData("spin", true)]
    [InlineData("spin", false)]
    [InlineData("futex", true)]
    [InlineData("futex", false)]
    public Task A_kill_of_a_child_of_8_1_at_any_moment_is_told_by_the_other_and_by_the_controller(
        string wait, bool killReader) =>
        Often(4, async _ =>
        {
            string path = NewFile();
            RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--wait", wait);
            int victim = await PidOf(killReader ? Alg8.Shmread : Alg8.Shmwrite);
            await RandomMoment();

            Finished finished = await Kill(run, victim);

            Assert.Contains(
                $"shmcon: {(killReader ? "alg8-2-shmread" : "alg8-3-shmwrite")} (pid {victim}) was killed by signal "
                    + "9, SIGKILL\n",
                finished.Error);
            Assert.Matches(
                $"{(killReader ? "shmwrite: the reader" : "shmread: the writer")} .*pid {victim}.*", finished.Error);
            Assert.Null(SegmentOf(path));
        });

    [Theory(Timeout = Limit)]
    [InlineData("8-5", "--items", "999999999999999", "--quiet")]
    [InlineData("8-6", "--items", "999999999999999", "--quiet")]
    [InlineData("8-5", "--stream")]
    [InlineData("8-6", "--stream")]
    [InlineData("8-5", "--race", "--items", "999999999", "--quiet")]
    [InlineData("8-6", "--race", "--items", "999999999", "--quiet")]
    public Task A_kill_of_a_child_of_8_4_at_any_moment_is_told_too(string program, params string[] options) =>
        Often(3, async _ =>
        {
            string name = NewName(), file = program == "8-5" ? Alg8.Shmproducer : Alg8.Shmconsumer;
            RunningProgram run = await StartGroup(Alg8.Shmpthreadcon, [name, .. options]);
            int victim = await PidOf(file);
            await RandomMoment();

            Finished finished = await Kill(run, victim);

            Assert.Contains(
                $"con: {Path.GetFileName(file)} (pid {victim}) was killed by signal 9, SIGKILL\n", finished.Error);
            Assert.False(File.Exists(ObjectPath(name)));
        });

    [Fact(Timeout = Limit)]
    public async Task The_death_of_another_reader_is_not_the_writers()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram other = Start(Alg8.Shmread, [segment.Hex]), reader = Start(Alg8.Shmread, [segment.Hex]);
        await other.Shows("ready ...");
        await reader.Shows("ready ...");
        await SleepsAgain(reader.Id);

        Syscall.kill(other.Id, Signum.SIGKILL);
        await other.IsGone();
        await SleepsAgain(reader.Id);
        Finished writer = await Run(Alg8.Shmwrite, [segment.Hex, "--wait", "futex"], "still read\nend\n");

        Finished finished = await reader.IsGone();
        Assert.Equal((0, 0), (writer.Status, finished.Status));
        Assert.Contains(Slide.Read("still read\n"), finished.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task What_was_not_delivered_is_told()
    {
        RunningProgram run = await StartGroup(Alg8.Shmcon, NewFile(), "--wait", "futex");
        await run.Shows("Enter some text: ");
        int reader = await PidOf(Alg8.Shmread);
        Send(reader, Signum.SIGSTOP);
        await run.Types("never read\n");
        await run.Shows("shared buffer: never read\n");

        Finished finished = await Kill(run, reader);

        Assert.Matches("shmwrite: the reader .*; not delivered: never read\n", finished.Error);
    }

    [Theory(Timeout = Limit)]
    [InlineData("--reader", "shmwrite: the reader is gone: ")]
    [InlineData("--writer", "shmread: the writer is gone: ")]
    public async Task A_child_of_8_1_that_dies_before_it_comes_is_told(string option, string says)
    {
        Finished finished = await Dies(Alg8.Shmcon, [NewFile(), option, NewScript("kill -9 $$"), "--wait", "futex"]);

        Assert.Matches($"{says}path-[0-9]+ \\(pid [0-9]+\\) was killed by signal 9, SIGKILL", finished.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task A_producer_that_dies_before_it_comes_is_told_and_the_consumer_does_not_wait_for_its_timeout()
    {
        Finished finished = await Dies(Alg8.Shmpthreadcon, [NewName(), "--producer", NewScript("kill -9 $$")]);

        Assert.Matches(
            "consumer: the producer is gone: .* was killed by signal 9, SIGKILL; not delivered: its message\n",
            finished.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task A_child_in_C_that_waits_for_a_dead_one_is_ended()
    {
        string path = NewFile();
        RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--reader", await Peers.C("shmread"));
        await run.Shows("Enter some text: ");

        Finished finished = await Kill(run, await PidOf(Alg8.Shmwrite));

        Assert.Contains("was killed by signal 9, SIGKILL", finished.Error);
        Assert.Null(SegmentOf(path));
    }

    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_hand_too_the_other_tells_who_has_gone(bool killReader)
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(Alg8.Shmread, [segment.Hex]);
        RunningProgram writing = Start(Alg8.Shmwrite, [segment.Hex]);
        (RunningProgram victim, RunningProgram other) = killReader ? (reading, writing) : (writing, reading);
        await writing.Types("Hello World!\n");
        await reading.Shows("You wrote: Hello World!\n");
        await writing.Shows("Enter some text: ", times: 2);

        Send(victim.Id, Signum.SIGKILL);
        Finished finished = await other.IsGone();

        finished.Failed(
            killReader
                ? $"shmwrite: the reader (alg8-2-shmread, pid {victim.Id}) is gone"
                : $"shmread: the writer (alg8-3-shmwrite, pid {victim.Id}) is gone",
            $"hint: shmid {segment.Id} stays");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--items", "spin", "spin")]
    [InlineData("--items", "futex", "sleep")]
    [InlineData("--stream", "futex", "spin")]
    public Task By_hand_a_busy_side_tells_that_the_other_was_killed(
        string mode, string producerWaits, string consumerWaits) =>
        Often(4, async round =>
        {
            int textSize = mode == "--items" ? 8 : 4096;
            string name = NewObject(Buffer(textSize));
            string[] options = mode == "--items" ? [name, mode, "100000000000", "--quiet"] : [name, mode];
            RunningProgram producer = Start(
                "/bin/sh", ["-c", "yes | exec \"$@\"", "sh", Alg8.Shmproducer, .. options, "--wait", producerWaits]);
            RunningProgram consumer = Start(
                "/bin/sh",
                [
                    "-c", "exec \"$@\" > /dev/null", "sh", Alg8.Shmconsumer, .. options, "--wait", consumerWaits,
                    "--interval", "1",
                ]);
            await Wait.Until(() => Word(name, 64) != 0, () => "the first item");
            await RandomMoment(); // before, or after, either has looked for the other in /proc

            int victim = await PidOf(round % 2 == 0 ? Alg8.Shmproducer : Alg8.Shmconsumer);
            Send(victim, Signum.SIGKILL);
            Finished other = await (round % 2 == 0 ? consumer : producer).IsGone();

            Assert.Contains(round % 2 == 0 ? "consumer: the producer" : "producer: the consumer", other.Error);
            Assert.Contains(" is gone", other.Error);
        });

    [Theory(Timeout = Limit)]
    [InlineData("--reader-delay", "3600000")]
    [InlineData("--interval", "3600000")]
    [InlineData("--buffer-size", "10", "--reader-delay", "3600000")]
    public async Task A_side_that_rests_tells_a_death_too(params string[] options)
    {
        RunningProgram run = await StartGroup(Alg8.Shmcon, [NewFile(), .. options]);
        await run.Types("one\n");
        await run.Shows(options[0] == "--interval" ? "shared buffer: one\n" : "You wrote: one\n");

        Send(run.Id, Signum.SIGKILL);
        Finished finished = await run.IsGone();

        Assert.Contains($"shmread: the controller (pid {run.Id}) is gone", finished.Error);
        Assert.Contains($"shmwrite: the controller (pid {run.Id}) is gone", finished.Error);
        await AllGone();
    }

    [Fact(Timeout = Limit)]
    public async Task By_hand_a_consumer_of_a_killed_runs_buffer_says_that_no_producer_has_been_seen()
    {
        RunningProgram consumer = Start(Alg8.Shmconsumer, [NewObject(Buffer(4096)), "--stream"]);

        await consumer.Complains("consumer: no producer has been seen yet, waiting ...\n");
        Send(consumer.Id, Signum.SIGTERM);

        Assert.Equal(143, (await consumer.IsGone()).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task Both_sides_of_an_idle_stream_tell_that_their_object_was_cut_and_no_access_raises_SIGBUS()
    {
        string name = NewObject(Buffer(4096));
        RunningProgram producer = Start(Alg8.Shmproducer, [name, "--stream"]);
        RunningProgram consumer = Start(Alg8.Shmconsumer, [name, "--stream"]);
        await producer.Types("some bytes");
        await consumer.Shows("some bytes");
        await SleepsAgain(producer.Id);

        await File.WriteAllBytesAsync(ObjectPath(name), [], TestContext.Current.CancellationToken);

        (await consumer.IsGone()).Failed($"consumer: {ObjectPath(name)} was cut to 0 bytes by another process");
        (await producer.IsGone()).Failed($"producer: {ObjectPath(name)} was cut to 0 bytes by another process");
    }

    [Theory(Timeout = Limit)]
    [InlineData(3)]
    [InlineData(77)]
    public async Task The_status_of_a_child_that_fails_is_told(int status)
    {
        string path = NewFile();
        Finished finished = await Dies(Alg8.Shmcon, [path, "--writer", NewScript($"exit {status}")]);

        Assert.Matches($"shmcon: path-[0-9]+ \\(pid [0-9]+\\) ended with exit status {status}\n", finished.Error);
        Assert.Null(SegmentOf(path));
    }

    [Theory(Timeout = Limit)]
    [InlineData("sleep")]
    [InlineData("futex")]
    [InlineData("spin")]
    public async Task A_stopped_side_is_waited_for_and_nothing_is_lost(string wait)
    {
        string path = NewFile();
        RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--wait", wait, "--interval", "10");
        await run.Shows("Enter some text: ");
        int reader = await PidOf(Alg8.Shmread), writer = await PidOf(Alg8.Shmwrite);

        Send(reader, Signum.SIGSTOP);
        await run.Types("one\ntwo\n");
        await run.Shows("shared buffer: one\n");
        await HasLookedAround(writer);
        Send(writer, Signum.SIGSTOP);
        Send(reader, Signum.SIGCONT);
        await run.Shows("You wrote: one\n");
        await HasLookedAround(reader);
        Send(writer, Signum.SIGCONT);
        await run.Types("end\n");

        (await run.Ends()).Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("one\n", "two\n", "end\n"));
    }

    [Theory(Timeout = Limit)]
    [InlineData("sleep")]
    [InlineData("spin")]
    [InlineData("futex")]
    public async Task Both_sides_tell_when_somebody_removes_the_segment(string wait)
    {
        string path = NewFile();
        RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--wait", wait);
        await run.Shows("Enter some text: ");
        SegmentEntry segment = SegmentOf(path)!;

        await Run(Tool.Find("ipcrm"), ["-m", $"{segment.Id}"]);
        Finished finished = await Gone(run);

        finished.Failed(
            $"shmread: the segment (shmid {segment.Id}) was removed by another process",
            $"shmwrite: the segment (shmid {segment.Id}) was removed by another process");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--reader", "alg8-2-shmread")]
    [InlineData("--writer", "alg8-3-shmwrite")]
    public async Task A_segment_removed_before_a_child_finds_it_is_told_and_no_other_is_left(
        string option, string child)
    {
        string path = NewFile();
        string slow = NewScript($"ipcrm -M 0x$1; exec '{Path.Combine(Repository.Bin, child)}' \"$@\"");

        Finished finished = await Dies(Alg8.Shmcon, [path, "--wait", "futex", option, slow]);

        finished.Failed(": the controller's segment was removed by another process\n");
        Assert.Null(SegmentOf(path));
    }

    [Theory(Timeout = Limit)]
    [InlineData("rm {0}", "was removed by another process")]
    [InlineData("rm {0}; echo other > {0}", "was removed by another process")]
    [InlineData("truncate -s 0 {0}", "was cut to 0 bytes by another process")]
    public async Task A_consumer_tells_when_somebody_removes_or_cuts_its_object(string command, string says)
    {
        string name = NewObject();
        RunningProgram run = Start(Alg8.Shmconsumer, [name]);
        await Wait.Until(() => Maps(Alg8.Shmconsumer, name), () => "the consumer's mapping");

        await Run("/bin/sh", ["-c", string.Format(null, command, ObjectPath(name))]);
        Finished finished = await Gone(run);

        finished.Failed($"consumer: {ObjectPath(name)} {says}");
    }

    [Fact(Timeout = Limit)]
    public async Task The_controller_of_a_removed_object_leaves_another_of_its_name_alone()
    {
        string name = NewObject();
        File.Delete(ObjectPath(name));
        RunningProgram run = await StartGroup(Alg8.Shmpthreadcon, name, "--stream");
        await Wait.Until(() => Maps(Alg8.Shmproducer, name) && Maps(Alg8.Shmconsumer, name), () => "both mappings");

        await Run("/bin/sh", ["-c", $"rm {ObjectPath(name)}; echo other > {ObjectPath(name)}"]);
        Finished finished = await Gone(run);

        finished.Failed("was removed by another process");
        Assert.Equal("other\n", await File.ReadAllTextAsync(ObjectPath(name), TestContext.Current.CancellationToken));
    }

    // An empty buffer of ten places, as 8-4 lays it out.
    private static byte[] Buffer(int textSize)
    {
        byte[] bytes = new byte[192 + (10 * ((4 + textSize + 63) / 64 * 64))];
        BitConverter.TryWriteBytes(bytes.AsSpan(128), 10);
        BitConverter.TryWriteBytes(bytes.AsSpan(132), textSize);
        return bytes;
    }

    private static int Word(string name, int offset) =>
        BitConverter.ToInt32(File.ReadAllBytes(ObjectPath(name)), offset);

    private bool Maps(string program, string name) =>
        FindPid(program) is not 0 and var pid && File.ReadAllText($"/proc/{pid}/maps").Contains(name);

    private async Task<Finished> Dies(string program, string[] arguments) =>
        await Gone(await StartGroup(program, arguments));

    private Task<Finished> Kill(RunningProgram run, int victim)
    {
        Send(victim, Signum.SIGKILL);
        return Gone(run);
    }

    private async Task<Finished> Gone(RunningProgram run)
    {
        Finished finished = await run.IsGone();
        await AllGone();
        NoCrash(finished);
        Assert.Equal(1, finished.Status);
        return finished;
    }
}
