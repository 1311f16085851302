using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>
/// Each side prints what it did before it hands the memory over: so the order of lines is the order of deeds. strace
/// stops a process right after one of its writes; then the memory is checked.
/// </summary>
public sealed class HandshakeTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task The_writer_has_put_the_text_in_and_printed_it_before_the_slot_is_full()
    {
        SegmentEntry segment = await NewSegment();

        // Its writes: the key, the ready lines, the prompt, the text.
        RunningProgram writing = StartStopping(atWrite: 4, Alg8.Shmwrite, segment.Hex, "--wait", "futex");
        await writing.Types("Hello World!\nend\n");
        await writing.Shows(Slide.Wrote("Hello World!\n"));

        Assert.StartsWith("\0\0\0\0Hello World!\n\0", await Memory(segment));

        Continue();
        await Run(await Peers.C("shmread"), [segment.Hex]);
        Assert.Equal(0, (await writing.Ends()).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task The_reader_has_printed_the_text_before_the_slot_is_empty()
    {
        SegmentEntry segment = await NewSegment();

        // Its writes: the key, the ready lines, the text.
        RunningProgram reading = StartStopping(atWrite: 3, Alg8.Shmread, segment.Hex, "--wait", "futex");
        RunningProgram writing = Start(Alg8.Shmwrite, [segment.Hex, "--wait", "futex"]);
        await writing.Types("Hello World!\nend\n");
        await reading.Shows(Slide.Read("Hello World!\n"));

        Assert.StartsWith("\x1\0\0\0Hello World!\n\0", await Memory(segment));
        Assert.EndsWith(Slide.Wrote("Hello World!\n"), writing.Output);

        Continue();
        Assert.Equal(0, (await writing.Ends()).Status);
        Assert.Equal(0, (await reading.Ends()).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task The_producer_publishes_the_first_byte_last_and_after_its_line()
    {
        string name = NewObject();
        RunningProgram consuming = Start(Alg8.Shmconsumer, [name]);
        RunningProgram producing = StartStopping(atWrite: 1, Alg8.Shmproducer, name);
        await producing.Shows("produced message: Hello World!\n");

        byte[] bytes = await File.ReadAllBytesAsync(ObjectPath(name), TestContext.Current.CancellationToken);
        Assert.Equal("\0ello World!\0"u8, bytes.AsSpan(..13));
        Assert.Equal("", consuming.Output);

        Continue();
        (await consuming.Ends()).Printed("consumed message: Hello World!\n");
        Assert.Equal(0, (await producing.Ends()).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task The_controller_starts_the_writer_when_the_reader_is_ready_however_long_that_takes()
    {
        string path = NewFile();
        string stopping = string.Join(' ', Strace(atWrite: 1).Select(word => $"'{word}'"));
        string reader = NewScript($"exec {stopping} '{Alg8.Shmread}' \"$@\"");
        string writer = NewScript($"echo the writer; exec '{Alg8.Shmwrite}' \"$@\"");
        RunningProgram program = Start(Alg8.Shmcon, [path, "--wait", "futex", "--reader", reader, "--writer", writer]);
        await program.Shows("shmread: IPC key");

        // To the controller too, to which it means nothing.
        Continue();
        await program.Types("end\n");
        Finished run = await program.Ends();

        Slide slide = new(SegmentEntry.KeyOf(path), run.Output);
        run.Printed(
            slide.Opening() + slide.ReaderReady + "the writer\n"
            + slide.Writer("end\n") + Slide.Read("end\n") + slide.Closing);
    }

    private RunningProgram StartStopping(int atWrite, params string[] command)
    {
        string[] strace = Strace(atWrite);
        return Start(strace[0], [.. strace[1..], .. command]);
    }

    private string[] Strace(int atWrite)
    {
        Tool.NeedNative("This test counts the writes of native executables: those of the runtime come between.");
        string stop = $"inject=write:signal=SIGSTOP:when={atWrite}";
        return [Tool.Find("strace"), "-o", NewPath(), "-e", "trace=write", "-e", stop];
    }

    // The segment's bytes, as perl reads them.
    private async Task<string> Memory(SegmentEntry segment)
    {
        const string Script = "shmread($ARGV[0], my $bytes, 0, $ARGV[1]) or die $!; print $bytes";
        return (await Run(Tool.Find("perl"), ["-e", Script, $"{segment.Id}", $"{segment.Size}"])).Output;
    }
}
