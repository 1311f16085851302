using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// A controller that is killed can do nothing any more. Its children see that they are orphans, and the last one out
/// removes what the controller made; where all were killed, the next run takes over.
/// </summary>
public sealed class OrphanTests : FaultTest
{
    [Theory(Timeout = Limit)]
    [InlineData("sleep")]
    [InlineData("spin")]
    [InlineData("futex")]
    public async Task Children_of_8_1_say_that_they_are_orphans_end_and_remove_the_segment(string wait)
    {
        string path = NewFile();
        RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--wait", wait);
        await run.Shows("Enter some text: ");

        Finished finished = await Kill(run, run.Id);

        Assert.Contains($"shmread: the controller (pid {run.Id}) is gone", finished.Error);
        Assert.Contains($"shmwrite: the controller (pid {run.Id}) is gone", finished.Error);
        Assert.Matches("shm(read|write): shmid = [0-9]+ removed for the controller\n", finished.Error);
        Assert.Null(SegmentOf(path));
    }

    [Theory(Timeout = Limit)]
    [InlineData("--items", "999999999999999")]
    [InlineData("--stream", "--wait=sleep")]
    public async Task Children_of_8_4_say_so_and_remove_the_object(params string[] options)
    {
        string name = NewName();
        RunningProgram run = await StartGroup(
            Alg8.Shmpthreadcon, [name, .. options, .. options[0] == "--items" ? ["--quiet"] : Array.Empty<string>()]);
        await PidOf(Alg8.Shmconsumer);
        await PidOf(Alg8.Shmproducer);

        Finished finished = await Kill(run, run.Id);

        Assert.Contains($"the controller (pid {run.Id}) is gone", finished.Error);
        Assert.False(File.Exists(ObjectPath(name)));
    }

    [Fact(Timeout = Limit)]
    public Task After_a_kill_of_8_1_at_any_moment_all_end_and_the_next_run_works() =>
        Often(15, async round =>
        {
            string path = NewFile();
            RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--wait", "futex");
            await RandomMoment();

            await Kill(run, round % 3 == 0 ? -run.Id : run.Id);
            SegmentEntry? left = SegmentOf(path);

            Finished next = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "end\n");
            Assert.Equal(0, next.Status);
            Assert.Equal(new Slide(SegmentEntry.KeyOf(path), next.Output).Session("end\n"), next.Output);
            Assert.Equal(
                left is null
                    ? ""
                    : $"shmcon: took over the segment that pid {run.Id} left behind (shmid {left.Id}): nobody uses "
                        + "it\n",
                next.Error);
        });

    [Fact(Timeout = Limit)]
    public Task After_a_kill_of_8_4_at_any_moment_all_end_and_the_next_run_works() =>
        Often(15, async round =>
        {
            string name = NewName();
            RunningProgram run = await StartGroup(Alg8.Shmpthreadcon, name);
            await RandomMoment();

            await Kill(run, round % 3 == 0 ? -run.Id : run.Id);
            bool left = File.Exists(ObjectPath(name));

            Finished next = await Run(Alg8.Shmpthreadcon, [name]);
            Assert.Equal(0, next.Status);
            Assert.Contains("produced message: Hello World!\nconsumed message: Hello World!\n", next.Output);
            Assert.Equal(
                left ? $"con: took over /dev/shm/{name}, which an earlier run left behind: nobody uses it\n" : "",
                next.Error);
        });

    [Fact(Timeout = Limit)]
    public async Task A_segment_that_a_person_made_stays_when_the_controller_is_killed()
    {
        SegmentEntry byHand = await NewSegment();
        string reader = NewScript($"exec '{Alg8.Shmread}' {byHand.Hex}");
        RunningProgram run = await StartGroup(Alg8.Shmcon, NewFile(), "--reader", reader);
        await Wait.Until(() => SegmentEntry.Find(byHand.Id) is { Attached: 1 }, () => "the reader");

        // Before the writer is there, no process is left that could remove the controller's own segment.
        await run.Shows("Enter some text: ");

        Send(run.Id, Signum.SIGKILL);
        await run.Complains("removed for the controller\n");

        // A reader on another segment is one by hand: it goes on.
        Assert.NotEqual(0, FindPid(Alg8.Shmread));
        Assert.Equal(1, SegmentEntry.Find(byHand.Id)!.Attached);
        await Run(Alg8.Shmwrite, [byHand.Hex, "--wait", "futex"], "end\n");
        await AllGone();
        Assert.Equal(byHand, SegmentEntry.Find(byHand.Id));
        Assert.DoesNotContain("shmread: the controller", (await run.IsGone()).Error);
    }

    [Fact(Timeout = Limit)]
    public async Task A_stopped_orphan_removes_the_segment_when_it_goes_on()
    {
        string path = NewFile();
        RunningProgram run = await StartGroup(Alg8.Shmcon, path, "--wait", "futex");
        await run.Shows("Enter some text: ");
        int reader = await PidOf(Alg8.Shmread);
        Send(reader, Signum.SIGSTOP);

        Send(run.Id, Signum.SIGKILL);
        await Wait.Until(() => FindPid(Alg8.Shmwrite) == 0, () => "the end of the writer");
        Assert.Equal(1, SegmentOf(path)!.Attached);
        Send(reader, Signum.SIGCONT);
        await AllGone();

        Assert.Null(SegmentOf(path));
    }

    private async Task<Finished> Kill(RunningProgram run, int target)
    {
        Send(target, Signum.SIGKILL);
        await AllGone();
        Finished finished = await run.IsGone();
        NoCrash(finished);
        return finished;
    }
}
