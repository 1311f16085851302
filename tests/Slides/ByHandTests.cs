using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>8-2 and 8-3 started by hand, in two terminals, without a controller.</summary>
public sealed class ByHandTests : SharedMemoryTest
{
    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_work_in_either_order_and_the_first_makes_the_segment(bool readerFirst)
    {
        string key = NewKey();
        RunningProgram first = await Open(readerFirst);
        RunningProgram second = await Open(!readerFirst);
        (RunningProgram reading, RunningProgram writing) = readerFirst ? (first, second) : (second, first);

        await writing.Types("Hello World!\nend\n");
        Finished written = await writing.Ends();
        Finished read = await reading.Ends();

        Assert.Equal(new Slide(key, written.Output).Writer("Hello World!\n", "end\n"), written.Output);
        Assert.Equal(new Slide(key, read.Output).Reader("Hello World!\n", "end\n"), read.Output);
        Assert.Equal((0, 0), (written.Status, read.Status));
        Remove(key);

        async Task<RunningProgram> Open(bool reader)
        {
            RunningProgram program = Start(reader ? Alg8.Shmread : Alg8.Shmwrite, [key, "--wait", "futex"]);
            await program.Shows("process ready ...\n".Replace("process", reader ? "process" : "precess"));
            return program;
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_segment_that_they_made_is_as_the_slides_controller_would_make_it()
    {
        string key = NewKey();
        await Run("/bin/sh", ["-c", "umask 077; exec \"$@\"", "sh", Alg8.Shmwrite, key, "--wait", "futex"], "end\n");

        SegmentEntry segment = Remove(key);

        Assert.Equal(("666", SegmentEntry.LectureSize, 0), (segment.Mode, segment.Size, segment.Attached));
    }

    [Fact(Timeout = Limit)]
    public async Task Each_says_at_its_end_which_segment_stays_and_how_to_remove_it()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(Alg8.Shmread, [segment.Hex, "--wait", "futex"]);
        Finished written = await Run(Alg8.Shmwrite, [segment.Hex, "--wait", "futex"], "end\n");
        Finished read = await reading.Ends();

        Assert.All([written.Error, read.Error], error =>
        {
            Assert.Contains($"hint: shmid {segment.Id} stays", error);
            Assert.EndsWith($"ipcrm -m {segment.Id}\n", error);
        });
        Assert.NotNull(SegmentEntry.Find(segment.Id));
    }

    [Fact(Timeout = Limit)]
    public async Task Under_a_controller_they_say_nothing_of_that()
    {
        Finished run = await Run(Alg8.Shmcon, [NewPath(), "--wait", "futex"], "end\n");

        Assert.Equal("", run.Error);
    }

    [Theory(Timeout = Limit)]
    [InlineData]
    [InlineData("--buffer-size", "10")]
    public async Task What_a_file_holds_after_end_is_left_for_who_reads_on(params string[] options)
    {
        string key = NewKey(), input = NewPath();
        await File.WriteAllTextAsync(input, "one\nend\nthe rest\nof it\n", TestContext.Current.CancellationToken);
        RunningProgram reading = Start(Alg8.Shmread, [key, "--wait", "futex", .. options]);
        await reading.Shows("ready ...");

        Finished run = await Run(
            "/bin/sh",
            ["-c", $"{{ '{Alg8.Shmwrite}' \"$@\"; cat; }} < '{input}'", "sh", key, "--wait", "futex", .. options]);

        Assert.EndsWith("the rest\nof it\n", run.Output);
        Assert.Equal(0, (await reading.Ends()).Status);
        Remove(key);
    }

    [Theory(Timeout = Limit)]
    [InlineData("{0:x}")]
    [InlineData("{0:X}")]
    [InlineData("{0:x8}")]
    [InlineData("0x{0:x}")]
    [InlineData("0X{0:X8}")]
    public async Task A_key_may_be_written_in_any_hexadecimal_way(string format)
    {
        string key = NewKey();
        string written = string.Format(null, format, Convert.ToUInt32(key, 16));

        Finished run = await Run(Alg8.Shmwrite, [written, "--wait", "futex"], "end\n");

        Remove(key);
        Assert.Equal(new Slide(key, run.Output).Writer("end\n"), run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task A_segment_of_another_size_is_shmgets_error_and_stays_as_it_is()
    {
        SegmentEntry segment = await NewSegment(size: 8);

        Finished read = await Run(Alg8.Shmread, [segment.Hex]);
        Finished written = await Run(Alg8.Shmwrite, [segment.Hex], "end\n");

        read.Failed("shread: shmget(): Invalid argument\n");
        written.Failed("shmwrite: shmget(): Invalid argument\n");
        Assert.Equal($"{"",30}shmread: IPC key = {segment.Hex}\n", read.Output);
        Assert.Equal($"shmwrite: IPC key = {segment.Hex}\n", written.Output);
        Assert.Equal(segment, SegmentEntry.Find(segment.Id));
    }
}
