using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// What is there already: a leftover of a killed run is reclaimed, with a notice; what others use, or made for
/// something else, is refused with a hint, and stays as it is.
/// </summary>
public sealed class LeftoverTests : FaultTest
{
    private const string Links = "shm_open(): Too many levels of symbolic links\n";

    [Theory(Timeout = Limit)]
    [InlineData(8, "Invalid argument")]
    [InlineData(4099, "Invalid argument")]
    [InlineData(4101, "File exists")]
    [InlineData(9000, "File exists")]
    public async Task A_segment_of_another_size_is_refused_with_the_error_of_a_call_that_finds_it(
        int size, string error)
    {
        string path = NewFile();
        RunningProgram creator = await Creator(path, size);

        await Refused(
            path, $"shmcon: shmget(): {error}\n", $"{size} bytes, nattch 0, creator pid {creator.Id}, is gone");
    }

    [Fact(Timeout = Limit)]
    public async Task A_segment_that_somebody_has_attached_is_refused()
    {
        string path = NewFile();
        await Creator(path);
        RunningProgram reading = Start(Alg8.Shmread, [SegmentOf(path)!.Hex]);
        await reading.Shows("ready ...");

        await Refused(path, "shmcon: shmget(): File exists\n", "nattch 1");

        Send(reading.Id, Signum.SIGTERM);
        await reading.IsGone();
        await Run(Tool.Find("ipcrm"), ["-m", $"{SegmentOf(path)!.Id}"]);
    }

    [Fact(Timeout = Limit)]
    public async Task A_segment_whose_creator_lives_is_refused()
    {
        string path = NewFile();
        RunningProgram creator = await Creator(path, stays: true);

        await Refused(path, "shmcon: shmget(): File exists\n", $"nattch 0, creator perl, pid {creator.Id}, still runs");

        await creator.Ends();
    }

    [Fact(Timeout = Limit)]
    public async Task A_run_in_progress_is_left_alone()
    {
        string path = NewFile();
        RunningProgram run = Start(Alg8.Shmcon, [path, "--wait", "futex"]);
        await run.Shows("Enter some text: ");

        await Refused(path, "shmcon: shmget(): File exists\n", "nattch 2, creator alg8-1-shmcon");

        await run.Types("end\n");
        (await run.Ends()).Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_leftover_segment_is_taken_over_and_its_text_is_not_shown()
    {
        string path = NewFile();
        RunningProgram creator = await Creator(path);
        SegmentEntry left = SegmentOf(path)!;
        const string Poke = "shmwrite($ARGV[0], pack('ia*', 1, \"old text\\n\"), 0, 4100) or die";
        await Run(Tool.Find("perl"), ["-e", Poke, $"{left.Id}"]);

        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "Hello World!\n");

        Assert.Equal(new Slide(left.Key, run.Output).Session("Hello World!\n", "end\n"), run.Output);
        Assert.Equal(
            $"shmcon: took over the segment that pid {creator.Id} left behind (shmid {left.Id}): nobody uses it\n",
            run.Error);
        Assert.Equal(0, run.Status);
    }

    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(4099)]
    [InlineData(8192)]
    public async Task An_object_of_another_size_is_refused(int size)
    {
        string name = NewObject(new byte[size]);

        await RefusedObject(
            name, "con: shm_open(): File exists\n",
            $"owner {Environment.UserName}, mode 0644, {size} bytes, in use by nobody that /proc shows");
    }

    [Fact(Timeout = Limit)]
    public async Task An_object_that_another_process_has_open_is_refused()
    {
        string name = NewObject();
        RunningProgram open = Start("/bin/sh", ["-c", $"exec 3<{ObjectPath(name)}; echo open; read -r line"]);
        await open.Shows("open\n");

        await RefusedObject(name, "con: shm_open(): File exists\n", $"in use by sh, pid {open.Id}");
        await open.Ends();
    }

    [Fact(Timeout = Limit)]
    public async Task An_object_that_another_process_has_mapped_is_refused()
    {
        string name = NewObject();
        RunningProgram consumer = Start(Alg8.Shmconsumer, [name]);
        await Wait.Until(
            () => File.ReadAllText($"/proc/{consumer.Id}/maps").Contains(name), () => "the consumer's mapping");

        await RefusedObject(name, "con: shm_open(): File exists\n", $"in use by alg8-6-shmconsu, pid {consumer.Id}");
        Send(consumer.Id, Signum.SIGTERM);
        Assert.Equal("", (await consumer.IsGone()).Output);
    }

    [Theory(Timeout = Limit)]
    [InlineData(0)]
    [InlineData(4100)]
    public async Task A_leftover_object_is_taken_over_and_its_text_is_never_a_new_message(int size)
    {
        byte[] old = new byte[size];
        "old text"u8.ToArray().AsSpan(0, Math.Min(8, size)).CopyTo(old);
        string name = NewObject(old);
        string late = NewScript($"sleep 0.3; exec '{Alg8.Shmproducer}' \"$@\"");

        Finished run = await Run(Alg8.Shmpthreadcon, [name, "--producer", late, "--mode", "0600"]);

        Assert.Contains("-rw------- ", run.Output);
        Assert.Contains("consumed message: Hello World!\n", run.Output);
        Assert.DoesNotContain("old text", run.Output);
        Assert.Equal(
            $"con: took over {ObjectPath(name)}, which an earlier run left behind: nobody uses it\n", run.Error);
        Assert.Equal(0, run.Status);
    }

    [Theory(Timeout = Limit)]
    [InlineData("mkfifo {0}", "{0} is no shared-memory object", "{0} is no shared-memory object")]
    [InlineData("mkdir {0}", "shm_open(): Invalid argument\n", "{0} is no shared-memory object")]
    [InlineData("ln -s /nowhere {0}", Links, Links)]
    [InlineData("ln -s /etc/hostname {0}", Links, Links)]
    public async Task What_is_no_object_is_refused_by_all_and_no_program_hangs(
        string make, string producer, string consumer)
    {
        string name = NewName();
        await Run("/bin/sh", ["-c", string.Format(null, make, ObjectPath(name))]);

        (await Run(Alg8.Shmpthreadcon, [name])).FailedAtOnce(
            "con: shm_open(): File exists\n", $"hint: {ObjectPath(name)}");
        (await Run(Alg8.Shmproducer, [name])).FailedAtOnce(
            "producer: " + string.Format(null, producer, ObjectPath(name)));
        (await Run(Alg8.Shmconsumer, [name])).FailedAtOnce(
            "consumer: " + string.Format(null, consumer, ObjectPath(name)));

        await Run("/bin/sh", ["-c", $"rm -r {ObjectPath(name)}"]);
    }

    [Fact(Timeout = Limit)]
    public async Task Of_two_runs_that_find_the_same_leftover_at_most_one_gets_it_and_neither_disturbs_the_other()
    {
        await Often(10, async _ =>
        {
            string name = NewObject();
            RunningProgram[] runs = [Start(Alg8.Shmpthreadcon, [name]), Start(Alg8.Shmpthreadcon, [name])];
            Finished[] finished = await Task.WhenAll(runs.Select(run => run.Ends()));

            Assert.All(finished, run =>
            {
                NoCrash(run);
                if (run.Status == 0)
                    Assert.Contains("consumed message: Hello World!\n", run.Output);
                else
                    Assert.Contains("con: shm_open(): File exists\n", run.Error);
            });
        });
    }

    private async Task Refused(string path, string error, string hint)
    {
        SegmentEntry before = SegmentOf(path)!;

        Finished run = await Run(Alg8.Shmcon, [path]);

        run.Failed(error, $"hint: key 0x{before.Key:x8} has shmid {before.Id}: owner {Environment.UserName}, mode "
            + $"0{before.Mode}, ", hint,
            $"ipcrm -m {before.Id}\n", "--proj-id", "another PATHNAME");
        Assert.StartsWith(error, run.Error);
        Assert.Equal(before, SegmentOf(path));
        if (before.Attached == 0)
        {
            await Run(Tool.Find("ipcrm"), ["-m", $"{before.Id}"]);
        }
    }

    private async Task RefusedObject(string name, string error, string hint)
    {
        Assert.Equal(0, Syscall.stat(ObjectPath(name), out Stat before));

        Finished run = await Run(Alg8.Shmpthreadcon, [name]);

        run.FailedAtOnce(error, $"hint: {ObjectPath(name)}: ", hint, $"rm {ObjectPath(name)}\n", "another FILENAME");
        Assert.Equal(0, Syscall.stat(ObjectPath(name), out Stat after));
        Assert.Equal((before.st_ino, before.st_size), (after.st_ino, after.st_size));
    }
}
