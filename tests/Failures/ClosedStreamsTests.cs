using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// Standard streams that are closed, full, idle or something else: an end with a message, never a hang or a leak.
/// </summary>
public sealed class ClosedStreamsTests : FaultTest
{
    /// <summary>Every way to close some of the three.</summary>
    public static TheoryData<string> Combinations { get; } =
        ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"];

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Combinations))]
    public async Task Closed_streams_are_no_others_files(string closed)
    {
        string path = NewFile(), name = NewName();
        bool works = closed is "<&-" or "2>&-" or "<&- 2>&-", hasInput = !closed.StartsWith('<');

        Finished run = await RunWith(closed, [Alg8.Shmcon, path, "--wait", "futex"], "Hello World!\n");
        NoCrash(run);
        Assert.Equal(works && hasInput ? 0 : 1, run.Status);
        if (works && hasInput)
        {
            run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("Hello World!\n", "end\n"));
        }
        else if (works)
        {
            Assert.Equal(closed == "<&-", run.Error.Contains("shmwrite: read(): Bad file descriptor\n"));
        }
        else if (!closed.Contains("2>"))
        {
            Assert.StartsWith("shmcon: write(): Bad file descriptor\n", run.Error);
        }

        run = await RunWith(closed, [Alg8.Shmpthreadcon, name]);
        NoCrash(run);
        Assert.Equal(works ? 0 : 1, run.Status);

        run = await RunWith(closed, [Alg8.Shmread, "--help"]);
        NoCrash(run);
        Assert.Equal(works ? 0 : 1, run.Status);

        run = await RunWith(closed, [Alg8.Shmpthreadcon, name, "--stream"], "some bytes");
        NoCrash(run);
        Assert.Equal(works && hasInput ? "some bytes" : "", run.Output);
        Assert.Null(SegmentOf(path));
        Assert.False(File.Exists(ObjectPath(name)));
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-1-shmcon", "shmcon")]
    [InlineData("alg8-4-shmpthreadcon", "producer")]
    public async Task A_full_disk_under_standard_output_is_told(string program, string name)
    {
        string argument = program == "alg8-1-shmcon" ? NewFile() : NewName();

        Finished run = await RunWith("> /dev/full", [Path.Combine(Repository.Bin, program), argument], "end\n");

        run.FailedAtOnce($"{name}: write(): No space left on device\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--help")]
    [InlineData("--version")]
    public async Task Help_that_cannot_be_printed_is_an_error(string option) =>
        (await RunWith("> /dev/full", [Alg8.Shmread, option])).FailedAtOnce(
            "shmread: write(): No space left on device\n");

    [Fact(Timeout = Limit)]
    public Task A_reader_of_the_output_that_goes_away_ends_the_session() =>
        Often(10, async _ =>
        {
            string path = NewFile();
            Finished run = await Run(
                "/bin/sh",
                [
                    "-c", $"\"$0\" \"$@\" | head -{Random.Next(1, 20)} >/dev/null", Alg8.Shmcon, path, "--wait", "futex"
                ],
                string.Concat(Enumerable.Repeat($"{new string('x', 1000)}\n", 100))); // more than a pipe holds

            Assert.Contains("write(): Broken pipe\n", run.Error);
            NoCrash(run);
            Assert.Null(SegmentOf(path));
        });

    [Fact(Timeout = Limit)]
    public async Task An_input_without_lines_sends_end()
    {
        string path = NewFile();

        Finished run = await RunWith("< /dev/null", [Alg8.Shmcon, path, "--wait", "futex"]);

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));
    }

    [Theory(Timeout = Limit)]
    [InlineData("< /", "Is a directory")]
    [InlineData("<&-", "Bad file descriptor")]
    [InlineData("0> /dev/null", "Bad file descriptor")]
    public async Task An_input_that_cannot_be_read_is_an_error(string input, string error)
    {
        string path = NewFile();

        (await RunWith(input, [Alg8.Shmcon, path, "--wait", "futex"])).Failed($"shmwrite: read(): {error}\n");
        (await RunWith(input, [Alg8.Shmcon, path, "--buffer-size", "10"])).Failed($"shmwrite: read(): {error}\n");
        (await RunWith(input, [Alg8.Shmpthreadcon, NewName(), "--stream"])).Failed($"producer: read(): {error}\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-3-shmwrite")]
    [InlineData("alg8-5-shmproducer")]
    public async Task What_came_before_a_read_that_fails_is_delivered_and_the_failure_is_an_error(string program)
    {
        bool isWriter = program == "alg8-3-shmwrite";
        string input = NewPath();
        await File.WriteAllTextAsync(input, new string('x', 4095) + "\n", TestContext.Current.CancellationToken);
        string child = NewScript(
            $"exec '{Tool.Find("strace")}' -o /dev/null -f -P '{input}' -e inject=read:error=EIO:when=2 "
                + $"'{Path.Combine(Repository.Bin, program)}' \"$@\"");

        Finished run = await RunWith($"< '{input}'", isWriter
            ? [Alg8.Shmcon, NewFile(), "--wait", "futex", "--writer", child]
            : [Alg8.Shmpthreadcon, NewName(), "--stream", "--producer", child]);

        run.Failed($"{(isWriter ? "shmwrite" : "producer")}: read(): Input/output error\n");
        Assert.Contains(new string('x', 4095) + "\n", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task An_idle_pipe_is_waited_for_and_an_interrupt_still_works()
    {
        string path = NewFile();
        RunningProgram run = await StartGroup(Alg8.Shmcon, path);
        await run.Shows("Enter some text: ");

        Send(-run.Id, Signum.SIGINT);

        Assert.Equal(130, (await run.IsGone()).Status);
        await AllGone();
    }

    [Fact(Timeout = Limit)]
    public async Task Streams_in_non_blocking_mode_lose_nothing()
    {
        string path = NewFile();
        const string NonBlocking =
            "use Fcntl; fcntl($_, F_SETFL, fcntl($_, F_GETFL, 0) | O_NONBLOCK) for *STDIN, *STDOUT; exec @ARGV";
        string[] texts = [.. Enumerable.Range(1, 500).Select(i => $"{i} {new string('x', 400)}\n")];

        Finished run = await Run(
            Tool.Find("perl"), ["-e", NonBlocking, Alg8.Shmcon, path, "--wait", "futex"], string.Concat(texts));

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session([.. texts, "end\n"]));
    }

    private Task<Finished> RunWith(string redirection, string[] command, string input = "") =>
        Run("/bin/sh", ["-c", $"exec \"$@\" {redirection}", "sh", .. command], input);
}
