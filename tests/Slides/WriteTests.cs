using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>
/// A line, or a group of lines that belong together, is one write(2): whatever else prints to the same terminal stands
/// above or below it, never inside.
/// </summary>
public sealed class WriteTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task A_reader_writes_once_for_its_key_once_when_ready_and_once_for_a_text()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(await Peers.C("writes"), [Alg8.Shmread, segment.Hex, "--wait", "futex"]);
        await Run(Alg8.Shmwrite, [segment.Hex, "--wait", "futex"], "Hello World!\nend\n");

        Finished read = await reading.Ends();

        string[] ready = new Slide(segment.Key, Unmarked(read)).ReaderReady.Split('\n', 2);
        Assert.Equal(Marked(ready[0] + "\n", ready[1], Slide.Read("Hello World!\n"), Slide.Read("end\n")), read.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task A_writer_writes_once_for_its_key_once_when_ready_and_twice_for_a_text()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(Alg8.Shmread, [segment.Hex, "--wait", "futex"]);
        string[] arguments = [Alg8.Shmwrite, segment.Hex, "--wait", "futex"];

        Finished written = await Run(await Peers.C("writes"), arguments, "Hello World!\nend\n");
        await reading.Ends();

        string[] ready = new Slide(segment.Key, Unmarked(written)).WriterReady.Split('\n', 2);
        const string Prompt = "Enter some text: ";
        Assert.Equal(
            Marked(
                ready[0] + "\n",
                ready[1],
                Prompt,
                Slide.Wrote("Hello World!\n")[Prompt.Length..],
                Prompt,
                Slide.Wrote("end\n")[Prompt.Length..]),
            written.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task Producer_and_consumer_write_once()
    {
        string name = NewObject();

        (await Run(await Peers.C("writes"), [Alg8.Shmproducer, name])).Printed(
            Marked("produced message: Hello World!\n"));
        (await Run(await Peers.C("writes"), [Alg8.Shmconsumer, name])).Printed(
            Marked("consumed message: Hello World!\n"));
    }

    private static string Marked(params string[] writes) => string.Concat(writes.Select(write => write + "|"));

    private static string Unmarked(Finished run) => run.Output.Replace("|", "");
}
