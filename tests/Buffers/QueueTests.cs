using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Buffers;

/// <summary>The lab's FIFO circular queue in the place of the single slot of 8-1 to 8-3.</summary>
public sealed partial class QueueTests : SharedMemoryTest
{
    private static readonly string[] Texts =
        [.. Enumerable.Range(1, 30).Select(number => $"text {number}\n"), "\n", "caf\xe9\n", "end\n"];

    [Theory(Timeout = Limit)]
    [InlineData("--wait", "futex")]
    [InlineData("--wait", "spin")]
    [InlineData("--wait", "sleep", "--interval", "2")]
    [InlineData("--buffer-size", "2")]
    [InlineData("--buffer-size", "500")]
    public async Task Each_message_arrives_once_and_in_order(params string[] options)
    {
        string[] arguments = options.Contains("--buffer-size") ? options : ["--buffer-size", "10", .. options];

        Finished run = await Run(Alg8.Shmcon, [NewFile(), .. arguments], string.Concat(Texts));

        Assert.Equal(0, run.Status);
        Assert.Equal(Texts, Read(run));
        Assert.Contains($"removed \n\n----- Shared Memory Segments ----- \nnothing found ... \n", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task The_writer_is_nine_messages_ahead_and_then_waits()
    {
        RunningProgram session = Start(Alg8.Shmcon, [NewFile(), "--buffer-size", "10", "--reader-delay", "3600000"]);
        await session.Types(string.Concat(Texts));

        await Harness.Wait.Until(
            () => session.Error.Contains("shmwrite: buffer full, waiting ..."), () => $"a full buffer of {session}");

        // One is read, nine are in the buffer; the eleventh has no room.
        await session.Shows("shared buffer: text 10\n");
        Assert.DoesNotContain("shared buffer: text 11\n", session.Output);
        Assert.Contains("You wrote: text 1\n", session.Output);
        Assert.DoesNotContain("You wrote: text 2\n", session.Output);

        Assert.Equal(0, Syscall.kill(session.Id, Signum.SIGINT));
        Assert.Equal(130, (await session.Ends()).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task The_reader_says_that_it_waits_on_an_empty_buffer()
    {
        RunningProgram session = Start(Alg8.Shmcon, [NewFile(), "--buffer-size", "10"]);

        await session.Complains("shmread: buffer empty, waiting ...\n");
        await session.Types("end\n");

        Assert.Equal(0, (await session.Ends()).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task The_segment_has_the_size_of_the_queue()
    {
        RunningProgram session = Start(Alg8.Shmcon, [NewFile(), "--buffer-size", "10"]);

        await session.Shows("max record number = 10, shm size = 41792\n");
        await session.Shows(" 41792      1 ");
        await session.Types("end\n");

        Assert.Equal(0, (await session.Ends()).Status);
    }

    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_hand_the_two_meet_in_either_order(bool readerFirst)
    {
        string key = NewKey();
        string[] arguments = [key, "--buffer-size", "10"];
        RunningProgram first = Start(readerFirst ? Alg8.Shmread : Alg8.Shmwrite, arguments);
        await first.Shows(readerFirst ? "shmread process ready ..." : "shmwrite precess ready ...");
        // The segment shows that it is a queue
        RunningProgram second = Start(readerFirst ? Alg8.Shmwrite : Alg8.Shmread, [key]);

        RunningProgram writer = readerFirst ? second : first, reader = readerFirst ? first : second;
        await writer.Types("one\ntwo\nend\n");
        Finished wrote = await writer.Ends(), read = await reader.Ends();

        Assert.Equal((0, 0), (wrote.Status, read.Status));
        Assert.Equal(["one\n", "two\n", "end\n"], Read(read));
        Remove(key);
    }

    // What the reader printed, whatever the writer printed in between.
    private static IEnumerable<string> Read(Finished run) =>
        YouWrote().Matches(run.Output).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@" {30}You wrote: ([^\n]*\n)")]
    private static partial Regex YouWrote();
}
